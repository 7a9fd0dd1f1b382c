/** Damage to rules of iptables: each kind, in the chains of both layouts. */

import { ALL, type Damage, type Scene, WEB } from './drift-damage.js';

const WEB_SVC = (scene: Scene): string =>
  scene.part(/--comment "default\/web:http cluster IP" .* -j (KUBE-SVC-\S+)/);
const WEB_DISPATCH = (scene: Scene): string =>
  scene.line(/^-A KUBE-SERVICES .*"default\/web:http cluster IP"/m);
const JUMP = (scene: Scene): string => scene.line(/^-A PREROUTING .*-j KUBE-SERVICES$/m);
const WEB_RULE = (scene: Scene): string =>
  scene.line(new RegExp(`^-A ${WEB_SVC(scene)} .*-j KUBE-SEP-`, 'm'));
const WEB_SEP = (scene: Scene): string => /KUBE-SEP-\S+/.exec(WEB_RULE(scene))![0];
const DNAT = (scene: Scene): string => scene.line(new RegExp(`^-A ${WEB_SEP(scene)} .*DNAT`, 'm'));
const remove = (line: string): string => line.replace('-A', '-D');

export const IPTABLES: readonly Damage[] = [
  {
    what: 'a jump from a built-in chain deleted',
    by: (s) => [`nat ${remove(JUMP(s))}`],
    found: (s) => [`rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'the rule of a Service in a shared chain deleted',
    by: (s) => [`nat ${remove(WEB_DISPATCH(s))}`],
    found: (s) => [`rule | nat/KUBE-SERVICES | ${WEB} | - ${WEB_DISPATCH(s)}`],
    check: 'quick',
  },
  {
    what: 'a shared chain flushed',
    by: () => ['filter -F KUBE-SERVICES'],
    found: (s) => [
      `rule | filter/KUBE-SERVICES | default/lonely:http TCP | - ${s.line(/^-A KUBE-SERVICES .*lonely.*REJECT/m)}`,
    ],
    check: 'quick',
  },
  {
    what: 'the tail of a shared chain moved to its front',
    by: (s) => {
      const tail = s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m);
      return [
        `nat ${remove(tail)}`,
        `nat ${tail.replace('-A KUBE-SERVICES', '-I KUBE-SERVICES 1')}`,
      ];
    },
    found: (s) => [
      `rule | nat/KUBE-SERVICES | ${ALL} | - ${s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign rule in a chain of every node',
    by: () => ['nat -I KUBE-POSTROUTING 1 -p tcp -m tcp --dport 7 -j ACCEPT'],
    found: () => [
      `rule | nat/KUBE-POSTROUTING | ${ALL} | + -A KUBE-POSTROUTING -p tcp -m tcp --dport 7 -j ACCEPT`,
    ],
    check: 'quick',
  },
  {
    what: 'all rules of a table flushed',
    by: () => ['nat -F'],
    found: (s) => [
      `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`,
      `rule | nat/KUBE-SERVICES | ${WEB} | - ${WEB_DISPATCH(s)}`,
    ],
    check: 'quick',
  },
  {
    what: 'what firewalld does when it starts: everything flushed and all chains deleted',
    by: () => ['nat -F', 'nat -X', 'filter -F', 'filter -X', 'mangle -F', 'mangle -X'],
    found: (s) => [
      `table | nat/ | ${ALL} | `,
      `table | mangle/ | ${ALL} | `,
      `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a shared chain deleted with what leads to it',
    by: (s) => [
      `nat ${remove(s.line(/^-A KUBE-SERVICES .*-j KUBE-NODEPORTS$/m))}`,
      'nat -F KUBE-NODEPORTS',
      'nat -X KUBE-NODEPORTS',
    ],
    found: () => [`chain | nat/KUBE-NODEPORTS | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'the table deleted',
    by: (s) => [`delete table ${s.ip} nat`],
    nft: true,
    only: 'iptables-nft',
    found: (s) => [`table | nat/ | ${ALL} | `, `rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a rule in the chain of a Service deleted',
    by: (s) => [`nat ${remove(WEB_RULE(s))}`],
    found: (s) => [`rule | nat/${WEB_SVC(s)} | ${WEB} | - ${WEB_RULE(s)}`],
    check: 'chains',
  },
  {
    what: 'the address of an endpoint edited',
    by: (s) => [
      `nat ${remove(DNAT(s))}`,
      `nat ${DNAT(s).replace(/--to-destination \S+/, `--to-destination ${s.family === 'IPv4' ? '10.9.9.9:1' : '[fd00:9::9]:1'}`)}`,
    ],
    found: (s) => [
      `rule | nat/${WEB_SEP(s)} | ${WEB} | - ${DNAT(s)}`,
      `rule | nat/${WEB_SEP(s)} | ${WEB} | + ${DNAT(s).replace(/--to-destination \S+/, `--to-destination ${s.family === 'IPv4' ? '10.9.9.9:1' : '[fd00:9::9]:1'}`)}`,
    ],
    check: 'chains',
  },
  {
    what: 'a foreign rule in the chain of a Service',
    by: (s) => [`nat -I ${WEB_SVC(s)} 1 -j RETURN`],
    found: (s) => [`rule | nat/${WEB_SVC(s)} | ${WEB} | + -A ${WEB_SVC(s)} -j RETURN`],
    check: 'chains',
  },
  {
    what: 'the chain of an endpoint deleted with what leads to it',
    by: (s) => [`nat ${remove(WEB_RULE(s))}`, `nat -F ${WEB_SEP(s)}`, `nat -X ${WEB_SEP(s)}`],
    found: (s) => [`chain | nat/${WEB_SEP(s)} | ${WEB} | `],
    check: 'chains',
  },
];

const PLAIN = 'default/plain:http TCP';
const TRANSLATION = (s: Scene): string =>
  s.line(/^-A KUBE-SVC-\S+ .*"default\/plain:http -> .* -j DNAT /m);

/** What only layout fast has. */
export const IPTABLES_FAST: readonly Damage[] = [
  {
    what: 'a jump from a built-in chain deleted',
    by: (s) => [`nat ${remove(JUMP(s))}`],
    found: (s) => [`rule | nat/PREROUTING | ${ALL} | - ${JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a rule that translates deleted',
    by: (s) => [`nat ${remove(TRANSLATION(s))}`],
    found: (s) => [`rule | nat/${TRANSLATION(s).split(' ')[1]} | ${PLAIN} | - ${TRANSLATION(s)}`],
    check: 'chains',
  },
];

const DB = 'default/db:http TCP';
const DB_SVC = (s: Scene): string =>
  s.part(/--comment "default\/db:http cluster IP" .* -j (KUBE-SVC-\S+)/);

/** In the chain of a Service that no other test changes. */
export const FOREIGN_IPTABLES: Damage = {
  what: '',
  by: (s) => [`nat -I ${DB_SVC(s)} 1 -j RETURN`],
  found: (s) => [`rule | nat/${DB_SVC(s)} | ${DB} | + -A ${DB_SVC(s)} -j RETURN`],
  check: 'chains',
};
