/** Dumps of a size, read and compared as diff, apply, verify and the agent do. */

import {
  type BackendName,
  compileSnapshot,
  parse,
  planInput,
  print,
  readRules,
} from '../../src/index.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import type { Service } from '../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../model/support.js';
import type { GrowthCase } from '../support/operations/growth.js';
import { ip, list } from '../support/operations/items.js';

function rulesetOf(
  mode: BackendName,
  count: number,
  endpoint: (i: number) => string,
  spec: Partial<Service['spec']> = {},
): Ruleset {
  const objects = list(count, (i) => [
    service(`s${i}`, { clusterIP: ip(65_536 + i), ...spec }),
    slice(`s${i}`, [endpoint(i)]),
  ]);
  return compileSnapshot(snapshotOf(...objects.flat()), 'IPv4', { mode }).ruleset;
}

/** Reads a dump and does everything with it that commands do. */
function compare(mode: BackendName, dump: string, ruleset: Ruleset): void {
  const rules = readRules(mode, dump, { family: 'IPv4', name: 'node.save' });
  const plan = rules.plan(ruleset);
  rules.summary(plan, ruleset);
  rules.fingerprint(plan);
  rules.isProgrammed();
  rules.allFrontends('IPv4');
  rules.clusterIps('IPv4');
  rules.nodePortIps('IPv4');
  rules.settings();
  rules.writers();
  rules.remarks('node.save');
  rules.program();
  rules.keepServices(ruleset, new Set(['shop/s0', 'shop/none']));
  rules.keepAsItWas(ruleset, new Set(['shop/s1 TCP']));
  const target = { variant: rules.variant };
  planInput(plan, target);
  rules.rollbackInput(dump, 'IPv4', target);
}

const MODES: readonly BackendName[] = ['iptables', 'nftables'];
const STICKY: Partial<Service['spec']> = { sessionAffinity: 'ClientIP' };

/** What both modes may find. */
const OF_BOTH: readonly (readonly [
  string,
  number,
  (mode: BackendName, n: number) => readonly [dump: string, wanted: Ruleset],
])[] = [
  [
    'rules that are as they should be',
    200,
    (mode, n) => {
      const ruleset = rulesetOf(mode, n, ip, STICKY);
      return [print(ruleset), ruleset];
    },
  ],
  [
    'Services that all have other endpoints',
    200,
    (mode, n) => [
      print(rulesetOf(mode, n, ip, STICKY)),
      rulesetOf(mode, n, (i) => ip(i + 1), STICKY),
    ],
  ],
  [
    'Services that are gone',
    200,
    (mode, n) => [print(rulesetOf(mode, n, ip)), rulesetOf(mode, 2, ip)],
  ],
  [
    'Services that are new',
    200,
    (mode, n) => [print(rulesetOf(mode, 2, ip)), rulesetOf(mode, n, ip)],
  ],
  [
    'Services that moved to other addresses',
    200,
    (mode, n) => {
      const moved = rulesetOf(mode, n, ip, { externalIPs: ['192.0.2.1'] });
      return [print(rulesetOf(mode, n, ip, { externalIPs: ['192.0.2.2'] })), moved];
    },
  ],
  [
    'a Service whose endpoints all changed',
    200,
    (mode, n) => {
      const of = (from: number): Ruleset =>
        compileSnapshot(
          snapshotOf(
            service('s0'),
            slice(
              's0',
              list(n, (i) => ip(from + i)),
            ),
          ),
          'IPv4',
          { mode },
        ).ruleset;
      return [print(of(0)), of(n)];
    },
  ],
];

/** Lines added to a dump of iptables-save. */
const IPTABLES: readonly (readonly [string, number, (n: number, dump: string) => string])[] = [
  [
    'rules of others in front of ours',
    200,
    (n, dump) =>
      dump.replace(
        /^-A KUBE-SERVICES /m,
        (found) =>
          `${list(n, (i) => `-A KUBE-SERVICES -s ${ip(i)}/32 -j RETURN\n`).join('')}${found}`,
      ),
  ],
  [
    'one rule that is there again and again',
    200,
    (n, dump) => dump.replace(/^-A KUBE-SERVICES .*\n/m, (found) => found.repeat(n)),
  ],
  [
    'rules in the opposite order',
    200,
    (n, dump) => {
      const rules = list(n, (i) => `-A KUBE-SERVICES -d ${ip(i)}/32 -j KUBE-MARK-MASQ\n`);
      const [head, ...tables] = dump.split('*nat\n');
      const nat = tables.join('').replace(/^-A KUBE-SERVICES .*\n/gm, '');
      return `${head}*nat\n${nat.replace('COMMIT', `${rules.toReversed().join('')}COMMIT`)}`;
    },
  ],
  [
    'chains of Services that nobody leads to',
    200,
    (n, dump) => {
      const name = (i: number): string =>
        `KUBE-SVC-${i
          .toString(5)
          .padStart(16, '0')
          .replace(/\d/g, (digit) => 'ABCDE'.charAt(Number(digit)))}`;
      return dump.replace('*nat\n', `*nat\n${list(n, (i) => `:${name(i)} - [0:0]\n`).join('')}`);
    },
  ],
  [
    'chains of others that lead to one another',
    200,
    (n, dump) =>
      dump.replace(
        '*nat\n',
        `*nat\n${list(n, (i) => `:X${i} - [0:0]\n`).join('')}${list(n, (i) => `-A X${i} -j X${(i + 1) % n}\n`).join('')}`,
      ),
  ],
  [
    'comments, empty lines and tables of others',
    200,
    (n, dump) =>
      `${'# a\n\n'.repeat(n)}${list(n, (i) => `*t${i}\n:A - [0:0]\nCOMMIT\n`).join('')}${dump}`,
  ],
  [
    'a rule of many words',
    200,
    (n, dump) =>
      dump.replace(
        '-A KUBE-SERVICES ',
        `-A KUBE-SERVICES ${list(n, (i) => `-m x${i} --y "a \\" b" `).join('')}-j RETURN\n-A KUBE-SERVICES `,
      ),
  ],
  [
    'a rule with a long comment of quotes',
    2000,
    (n, dump) =>
      dump.replace(
        '-A KUBE-SERVICES ',
        `-A KUBE-SERVICES -m comment --comment "${'\\" '.repeat(n)}" -j RETURN\n-A KUBE-SERVICES `,
      ),
  ],
];

/** Lines added to a script of nft. */
const NFTABLES: readonly (readonly [string, number, (n: number, dump: string) => string])[] = [
  [
    'rules of others, inserted one before the other',
    200,
    (n, dump) =>
      `${dump}${list(n, (i) => `insert rule ip kube-proxy services ip saddr ${ip(i)} return\n`).join('')}`,
  ],
  [
    'rules with words that nobody understands',
    200,
    (n, dump) =>
      `${dump}${list(n, (i) => `add rule ip kube-proxy services example ${i} drop\n`).join('')}`,
  ],
  [
    'chains, sets and maps of others',
    200,
    (n, dump) =>
      `${dump}${list(n, (i) => `add chain ip kube-proxy x${i}\nadd set ip kube-proxy y${i} { type ipv4_addr ; }\nadd element ip kube-proxy y${i} { ${ip(i)} }\nadd rule ip kube-proxy x${i} goto x${i === 0 ? 0 : i - 1}\n`).join('')}`,
  ],
  [
    'a rule of many words',
    200,
    (n, dump) =>
      `${dump}add rule ip kube-proxy services ip saddr { ${list(n, (i) => ip(2 * i)).join(', ')} } drop\nadd rule ip kube-proxy services ${'json { "a": { "b": 1 } } '.repeat(n)}\n`,
  ],
  [
    'elements that somebody added',
    200,
    (n, dump) =>
      `${dump}${list(n, (i) => `add element ip kube-proxy cluster-ips { ${ip(i)} }\n`).join('')}`,
  ],
  [
    'tables of others',
    200,
    (n, dump) => `${dump}${list(n, (i) => `add table ip t${i}\nadd chain ip t${i} c\n`).join('')}`,
  ],
];

/** A listing in JSON with so many objects of each kind. */
function listing(n: number): string {
  const at = { family: 'ip', table: 'kube-proxy' };
  const match = (right: unknown): object => ({
    match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right },
  });
  return JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.9' } },
      { table: { family: 'ip', name: 'kube-proxy', handle: 1 } },
      ...list(n, (i) => ({ chain: { ...at, name: `c${i}`, handle: i } })),
      { set: { ...at, name: 's', type: 'ipv4_addr', elem: list(n, ip) } },
      {
        map: {
          ...{
            ...at,
            name: 'm',
            type: ['ipv4_addr', 'inet_proto', 'inet_service'],
            map: 'verdict',
          },
          elem: list(n, (i) => [
            { concat: [ip(i), 'tcp', 80] },
            { goto: { target: `c${(i + 1) % n}` } },
          ]),
        },
      },
      ...list(n, (i) => ({
        rule: { ...at, chain: 'c0', handle: i, expr: [match(ip(i)), { drop: null }] },
      })),
      {
        rule: {
          ...{ ...at, chain: 'c0', handle: 0 },
          expr: [match({ set: list(n, (i) => ip(2 * i)) }), ...list(n, (i) => ({ x: i }))],
        },
      },
      ...list(n, (i) => ({ counter: { ...at, name: `k${i}`, packets: 1, bytes: 1 } })),
    ],
  });
}

export const cases: readonly GrowthCase[] = [
  ...OF_BOTH.flatMap(([name, count, make]) =>
    MODES.map(
      (mode): GrowthCase => [
        `${name}, in mode ${mode}`,
        count,
        (n) => compare(mode, ...make(mode, n)),
      ],
    ),
  ),
  ...IPTABLES.map(
    ([name, count, change]): GrowthCase => [
      `${name}, in mode iptables`,
      count,
      (n) => {
        const ruleset = rulesetOf('iptables', 2, ip);
        compare('iptables', change(n, print(ruleset)), ruleset);
      },
    ],
  ),
  ...NFTABLES.map(
    ([name, count, change]): GrowthCase => [
      `${name}, in mode nftables`,
      count,
      (n) => {
        const ruleset = rulesetOf('nftables', 2, ip);
        compare('nftables', change(n, print(ruleset)), ruleset);
      },
    ],
  ),
  ['documents without an address', 1000, (n) => parse('*nat\nCOMMIT\n'.repeat(n))],
  ['a listing in JSON', 100, (n) => compare('nftables', listing(n), rulesetOf('nftables', 2, ip))],
];
