/** Manual changes of rules of this mode, and how each must be reported with its Service. */

import { planFromDump } from '../../../src/backends/nftables/diff.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { print, type Ruleset } from '../../../src/index.js';
import { unitLabel } from '../../../src/plan/unit.js';
import { rulesetOf, service, slice } from '../cluster/small-cluster.js';
import type { ByHandTable } from './by-hand.js';

/** Service web has a node port, db session affinity, and lonely no endpoint. */
export function clusterWith(affinitySeconds: number): Ruleset {
  const sticky = {
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: affinitySeconds } },
  };
  const db: { spec?: object } = service('db', '10.96.0.2');
  return rulesetOf(
    [
      service('web', '10.96.0.1', { type: 'NodePort', nodePort: 30080 }),
      slice('web', ['10.0.0.1', '10.0.0.2']),
      { ...db, spec: { ...db.spec, ...sticky } },
      slice('db', ['10.0.1.1']),
      service('lonely', '10.96.0.3'),
    ],
    { mode: 'nftables' },
  );
}

const desired = clusterWith(300);
const script = print(desired);
const find = (pattern: string): string => new RegExp(pattern).exec(script)![0];
const T = 'ip kube-proxy';
const SVC = find('service-\\S+-default/web/tcp/http');
const EXT = find('external-\\S+-default/web/tcp/http');
/** A unit of `db`. */
export const STICKY: string = find('service-\\S+-default/db/tcp/http');
/** A unit of `db`. */
export const ENDPOINT: string = find('endpoint-\\S+-default/db/tcp/http__10.0.1.1/8080');
/** A unit of `db`. */
export const AFFINITY: string = find('affinity-\\S+-default/db/tcp/http__10.0.1.1/8080');
const rulesOf = (chain: string): readonly string[] =>
  script.split('\n').filter((line) => line.startsWith(`add rule ${T} ${chain} `));
const web = rulesOf(SVC)[0]!;
const OUTPUT = `add chain ${T} nat-output { type nat hook output priority -100 ; }`;
const NODE_PORTS = script
  .split('\n')
  .find((line) => line.startsWith(`add map ${T} service-nodeports `))!;
const NODE_PORT = `add element ${T} service-nodeports { tcp . 30080 : goto ${EXT} }`;

interface Drift {
  readonly what: string;
  /** Commands of nft. */
  readonly by: readonly string[];
  /** `action unit`, then `  op Service: line`. */
  readonly found: readonly string[];
}

const WEB = 'default/web:http TCP';
const DB = 'default/db:http TCP';
const LONELY = 'default/lonely:http TCP';

const DRIFTS: readonly Drift[] = [
  {
    what: 'an element of a map deleted',
    by: [`delete element ${T} service-ips { 10.96.0.1 . tcp . 80 }`],
    found: [
      'edit @service-ips',
      `  add ${WEB}: add element ${T} service-ips { 10.96.0.1 . tcp . 80 : goto ${SVC} }`,
    ],
  },
  {
    what: 'an element that leads to another Service',
    by: [
      `delete element ${T} service-ips { 10.96.0.1 . tcp . 80 }`,
      `add element ${T} service-ips { 10.96.0.1 . tcp . 80 : goto ${STICKY} }`,
    ],
    found: [
      'edit @service-ips',
      `  remove ${DB}: add element ${T} service-ips { 10.96.0.1 . tcp . 80 : goto ${STICKY} }`,
      `  add ${WEB}: add element ${T} service-ips { 10.96.0.1 . tcp . 80 : goto ${SVC} }`,
    ],
  },
  {
    what: 'elements of sets deleted and added',
    by: [
      `delete element ${T} cluster-ips { 10.96.0.2 }`,
      `add element ${T} cluster-ips { 10.96.0.77 }`,
      `delete element ${T} no-endpoint-services { 10.96.0.3 . tcp . 80 }`,
    ],
    found: [
      'edit @cluster-ips',
      `  remove every node: add element ${T} cluster-ips { 10.96.0.77 }`,
      `  add ${DB}: add element ${T} cluster-ips { 10.96.0.2 }`,
      'edit @no-endpoint-services',
      `  add ${LONELY}: add element ${T} no-endpoint-services { 10.96.0.3 . tcp . 80 comment "default/lonely:http" : goto reject-chain }`,
    ],
  },
  {
    what: 'an element of a Service that does not exist',
    by: [`add element ${T} no-endpoint-services { 10.96.0.9 . udp . 53 comment "a/b:dns" : drop }`],
    found: [
      'edit @no-endpoint-services',
      `  remove a/b:dns UDP: add element ${T} no-endpoint-services { 10.96.0.9 . udp . 53 comment "a/b:dns" : drop }`,
    ],
  },
  {
    what: 'a rule changed',
    by: [`flush chain ${T} ${SVC}`, web.replace('10.0.0.1', '10.0.0.99')],
    found: [
      `rewrite ${SVC}`,
      `  remove ${WEB}: ${web.replace('10.0.0.1', '10.0.0.99')}`,
      `  add ${WEB}: ${web}`,
    ],
  },
  {
    what: 'the chain of a Service flushed',
    by: [`flush chain ${T} ${SVC}`],
    found: [`rewrite ${SVC}`, `  add ${WEB}: ${web}`],
  },
  {
    what: 'rules in another order',
    by: [`flush chain ${T} ${EXT}`, ...rulesOf(EXT).toReversed()],
    found: [
      `rewrite ${EXT}`,
      ...[`add chain ${T} ${EXT}`, ...rulesOf(EXT).toReversed()].map(
        (line) => `  remove ${WEB}: ${line}`,
      ),
      ...[`add chain ${T} ${EXT}`, ...rulesOf(EXT)].map((line) => `  add ${WEB}: ${line}`),
    ],
  },
  {
    what: 'a foreign rule in a chain of every node',
    by: [`insert rule ${T} services ip saddr 192.0.2.1 counter accept`],
    found: [
      'rewrite services',
      `  remove every node: add rule ${T} services ip saddr 192.0.2.1 counter accept`,
    ],
  },
  {
    what: 'a foreign chain with a hook, a foreign set and a foreign map',
    by: [
      `add chain ${T} mine { type filter hook input priority 7 ; policy drop ; }`,
      `add set ${T} bad { type ipv4_addr ; flags interval ; }`,
      `add map ${T} more { type ipv4_addr : verdict ; }`,
      `add element ${T} more { 192.0.2.1 : goto reject-chain }`,
      `add rule ${T} mine ip saddr @bad drop`,
      `add rule ${T} mine ip saddr vmap @more`,
    ],
    found: [
      'delete mine',
      `  remove every node: add chain ${T} mine { type filter hook input priority 7 ; policy drop ; }`,
      `  remove every node: add rule ${T} mine ip saddr @bad drop`,
      `  remove every node: add rule ${T} mine ip saddr vmap @more`,
      'delete @bad',
      `  remove every node: add set ${T} bad { type ipv4_addr ; flags interval ; }`,
      'delete @more',
      `  remove every node: add map ${T} more { type ipv4_addr : verdict ; }`,
      `  remove every node: add element ${T} more { 192.0.2.1 : goto reject-chain }`,
    ],
  },
  {
    what: 'a chain that nothing leads to, as kube-proxy leaves them for a moment: no difference, but taken away',
    by: [`add chain ${T} service-AAAAAAAA-default/old/tcp/http`],
    found: [
      'leftover service-AAAAAAAA-default/old/tcp/http',
      `  remove default/old:http TCP: add chain ${T} service-AAAAAAAA-default/old/tcp/http`,
    ],
  },
  {
    what: 'a base chain with another priority',
    by: [
      `flush chain ${T} nat-output`,
      `delete chain ${T} nat-output`,
      OUTPUT.replace('-100', '-90'),
      `add rule ${T} nat-output jump services`,
    ],
    found: [
      'rewrite nat-output',
      `  remove every node: ${OUTPUT.replace('-100', '-90')}`,
      `  add every node: ${OUTPUT}`,
    ],
  },
  {
    what: 'a base chain missing',
    by: [`flush chain ${T} nat-output`, `delete chain ${T} nat-output`],
    found: [
      'create nat-output',
      `  add every node: ${OUTPUT}`,
      `  add every node: add rule ${T} nat-output jump services`,
    ],
  },
  {
    what: 'a map of another type',
    by: [
      `flush chain ${T} services`,
      `delete map ${T} service-nodeports`,
      `add map ${T} service-nodeports { type ipv4_addr : verdict ; }`,
      `add rule ${T} services ip daddr vmap @service-nodeports`,
    ],
    found: [
      'rewrite services',
      `  remove every node: add rule ${T} services ip daddr vmap @service-nodeports`,
      ...rulesOf('services').map((line) => `  add every node: ${line}`),
      'rewrite @service-nodeports',
      `  remove every node: add map ${T} service-nodeports { type ipv4_addr : verdict ; }`,
      `  add every node: ${NODE_PORTS}`,
      `  add ${WEB}: ${NODE_PORT}`,
    ],
  },
  {
    what: 'a chain of a Service that hooks in by itself',
    by: [
      `delete element ${T} service-nodeports { tcp . 30080 }`,
      `flush chain ${T} ${EXT}`,
      `delete chain ${T} ${EXT}`,
      `add chain ${T} ${EXT} { type nat hook prerouting priority -99 ; }`,
      ...rulesOf(EXT),
    ],
    found: [
      'edit @service-nodeports',
      `  add ${WEB}: ${NODE_PORT}`,
      `rewrite ${EXT}`,
      `  remove ${WEB}: add chain ${T} ${EXT} { type nat hook prerouting priority -99 ; }`,
      `  add ${WEB}: add chain ${T} ${EXT}`,
    ],
  },
  {
    what: 'a client that is remembered: the work of the kernel',
    by: [`add element ${T} ${AFFINITY} { 192.0.2.7 }`],
    found: [],
  },
  {
    what: 'a counter and a quota that nothing uses',
    by: [`add counter ${T} mine`, `add quota ${T} most { over 20 mbytes ; }`],
    found: [
      `  remove every node: add counter ${T} mine`,
      `  remove every node: add quota ${T} most json {"bytes":20971520} json {"inv":true}`,
      'leftover counter mine',
      'leftover quota most',
    ],
  },
  {
    what: 'a counter in a rule',
    by: [`add counter ${T} mine`, `insert rule ${T} services counter name mine accept`],
    found: [
      '  remove every node: add counter ip kube-proxy mine',
      '  remove every node: add rule ip kube-proxy services counter name "mine" accept',
      'delete counter mine',
      'rewrite services',
    ],
  },
];

/** The table of mode nftables. */
export const NFTABLES_BY_HAND: ByHandTable = {
  desired,
  cases: DRIFTS.map(({ what, by, found }) => ({ what, change: `${by.join('\n')}\n`, found })),
  report: (saved, ruleset) => {
    const { changes, leftovers } = planFromDump(parseDump(saved), ruleset);
    return [
      ...changes.map((change) => ({ ...change, word: change.action })),
      ...leftovers.map((change) => ({ ...change, word: 'leftover' })),
    ].flatMap((change) => [
      `${change.word} ${unitLabel(change)}`,
      ...change.rules.map(({ op, origin, line }) => `  ${op} ${origin || 'every node'}: ${line}`),
    ]);
  },
  anyOrder: true,
};
