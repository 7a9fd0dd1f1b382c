/** Damage to the table of nft: each kind, in both layouts. */

import { ALL, type Damage, type Scene, WEB } from './drift-damage.js';

const T = (s: Scene): string => `${s.ip} kube-proxy`;
const ELEMENT = (s: Scene): string =>
  s.line(
    /^add element \S+ kube-proxy service-ips \{ \S+ \. tcp \. 80 : goto service-\S*default\/web\//m,
  );
const keyOf = (line: string): string => line.replace('add', 'delete').replace(/ : goto \S+/, '');
const WEB_CHAIN = (s: Scene): string =>
  s.part(/^add chain \S+ kube-proxy (service-\S*default\/web\/\S+)$/m);
const STICKY = (s: Scene): string =>
  s.part(/^add chain \S+ kube-proxy (service-\S*default\/db\/\S+)$/m);
const CHAIN_RULE = (s: Scene): string =>
  s.line(new RegExp(`^add rule \\S+ kube-proxy ${WEB_CHAIN(s)} .* dnat `, 'm'));
const NAT_JUMP = (s: Scene): string => s.line(/^add rule \S+ kube-proxy nat-prerouting /m);

export const NFTABLES: readonly Damage[] = [
  {
    what: 'an element of a map deleted',
    by: (s) => [keyOf(ELEMENT(s))],
    found: (s) => [`element | kube-proxy/service-ips | ${WEB} | - ${ELEMENT(s)}`],
    check: 'quick',
  },
  {
    what: 'an element that leads to another Service',
    by: (s) => [keyOf(ELEMENT(s)), ELEMENT(s).replace(/goto \S+/, `goto ${STICKY(s)}`)],
    found: (s) => [
      `element | kube-proxy/service-ips | ${WEB} | - ${ELEMENT(s)}`,
      `element | kube-proxy/service-ips | default/db:http TCP | + ${ELEMENT(s).replace(/goto \S+/, `goto ${STICKY(s)}`)}`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign element of a set',
    by: (s) => [
      `add element ${T(s)} cluster-ips { ${s.ip === 'ip' ? '192.0.2.77' : '2001:db8::77'} }`,
    ],
    found: (s) => [
      `element | kube-proxy/cluster-ips | ${ALL} | + add element ${T(s)} cluster-ips { ${s.ip === 'ip' ? '192.0.2.77' : '2001:db8::77'} }`,
    ],
    check: 'quick',
  },
  {
    what: 'a jump from a base chain deleted',
    by: (s) => [`flush chain ${T(s)} nat-prerouting`],
    found: (s) => [`rule | kube-proxy/nat-prerouting | ${ALL} | - ${NAT_JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'a base chain deleted',
    by: (s) => [`flush chain ${T(s)} nat-prerouting`, `delete chain ${T(s)} nat-prerouting`],
    found: () => [`chain | kube-proxy/nat-prerouting | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'a base chain with another priority',
    by: (s) => [
      `flush chain ${T(s)} nat-prerouting`,
      `delete chain ${T(s)} nat-prerouting`,
      `add chain ${T(s)} nat-prerouting { type nat hook prerouting priority -7 ; }`,
      NAT_JUMP(s),
    ],
    found: (s) => [
      `rule | kube-proxy/nat-prerouting | ${ALL} | + add chain ${T(s)} nat-prerouting { type nat hook prerouting priority -7 ; }`,
    ],
    check: 'quick',
  },
  {
    what: 'a foreign chain with a hook',
    by: (s) => [`add chain ${T(s)} mine { type filter hook input priority 7 ; policy drop ; }`],
    found: (s) => [
      `chain | kube-proxy/mine | ${ALL} | + add chain ${T(s)} mine { type filter hook input priority 7 ; policy drop ; }`,
    ],
    check: 'quick',
  },
  {
    what: 'all rules of the table flushed',
    by: (s) => [`flush table ${T(s)}`],
    found: (s) => [`rule | kube-proxy/nat-prerouting | ${ALL} | - ${NAT_JUMP(s)}`],
    check: 'quick',
  },
  {
    what: 'the table deleted',
    by: (s) => [`delete table ${T(s)}`],
    found: () => [`table | kube-proxy/ | ${ALL} | `],
    check: 'quick',
  },
  {
    what: 'the chain of a Service flushed',
    by: (s) => [`flush chain ${T(s)} ${WEB_CHAIN(s)}`],
    found: (s) => [`rule | kube-proxy/${WEB_CHAIN(s)} | ${WEB} | - ${CHAIN_RULE(s)}`],
    check: 'chains',
  },
  {
    what: 'a foreign rule in the chain of a Service',
    by: (s) => [`insert rule ${T(s)} ${WEB_CHAIN(s)} counter drop`],
    found: (s) => [
      `rule | kube-proxy/${WEB_CHAIN(s)} | ${WEB} | + add rule ${T(s)} ${WEB_CHAIN(s)} counter drop`,
    ],
    check: 'chains',
  },
  {
    what: 'a foreign rule in a chain of every node',
    by: (s) => [`insert rule ${T(s)} services counter drop`],
    found: (s) => [
      `rule | kube-proxy/services | ${ALL} | + add rule ${T(s)} services counter drop`,
    ],
    check: 'chains',
  },
];

const PLAIN = 'default/plain:http TCP';
const NUMBERED = (s: Scene): string =>
  s.line(
    new RegExp(
      `^add element \\S+ kube-proxy endpoints-tcp \\{ ${s.ip === 'ip' ? '10.96.0.4' : 'fd00:10:96::4'} \\. tcp \\. 80 \\. 0 : `,
      'm',
    ),
  );
const moved = (line: string): string => line.replace(/ \. 8080 \}$/, ' . 8081 }');

const DRAWING = (s: Scene): string => s.line(/^add rule \S+ kube-proxy pick-tcp-2 /m);

export const NFTABLES_FAST: readonly Damage[] = [
  {
    what: 'the chain of all Services with as many endpoints flushed',
    by: (s) => [`flush chain ${T(s)} pick-tcp-2`],
    found: (s) => [`rule | kube-proxy/pick-tcp-2 | ${ALL} | - ${DRAWING(s)}`],
    check: 'chains',
  },
  {
    what: 'another endpoint behind a number',
    by: (s) => [
      NUMBERED(s)
        .replace('add', 'delete')
        .replace(/ : .* \}$/, ' }'),
      moved(NUMBERED(s)),
    ],
    found: (s) => [
      `element | kube-proxy/endpoints-tcp | ${PLAIN} | - ${NUMBERED(s)}`,
      `element | kube-proxy/endpoints-tcp | ${PLAIN} | + ${moved(NUMBERED(s))}`,
    ],
    check: 'quick',
  },
];

const DB = 'default/db:http TCP';

/** In the chain of a Service that no other test changes. */
export const FOREIGN_NFTABLES: Damage = {
  what: '',
  by: (s) => [`insert rule ${T(s)} ${STICKY(s)} counter drop`],
  found: (s) => [
    `rule | kube-proxy/${STICKY(s)} | ${DB} | + add rule ${T(s)} ${STICKY(s)} counter drop`,
  ],
  check: 'chains',
};
