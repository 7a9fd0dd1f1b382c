/** Manual changes of rules of this mode, and how each must be reported with its Service. */

import { summary } from '../../../src/backends/iptables/kernel-rules.js';
import { planFromDump } from '../../../src/backends/iptables/plan.js';
import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { fractionText } from '../../../src/netfilter/fraction.js';
import type { FamilySummary } from '../../../src/plan/summary-types.js';
import type { Ruleset } from '../../../src/ruleset/types.js';
import { kernelWith, smallCluster } from '../cluster/small-cluster.js';
import type { ByHandTable } from './by-hand.js';

const desired = smallCluster();
const WEB_TCP = 'default/web:http TCP';
/** The chains of table `nat`. */
export const CHAINS: ReadonlyMap<string, readonly string[]> = new Map(
  [...parseDump(kernelWith(desired).save()).tables.get('nat')!].map(([chain, { rules }]) => [
    chain,
    rules,
  ]),
);

/** The only chain with this beginning whose rules mention the text. */
export function chain(kind: string, text: string): string {
  const found = [...CHAINS].filter(
    ([name, rules]) =>
      name.startsWith(`KUBE-${kind}-`) && rules.some((rule) => rule.includes(text)),
  );
  if (found.length !== 1) throw new Error(`${found.length} chains ${kind} of ${text}`);
  return found[0]![0];
}

const SVC = chain('SVC', 'default/web:http');
const SEP = chain('SEP', '10.0.0.2:8080');
const EXT = chain('EXT', 'default/web:http');
const [, SECOND = '', THIRD = ''] = CHAINS.get(SVC)!.slice(-3);

/** What differs between saved rules and those of the small cluster. */
export function look(saved: string, ruleset: Ruleset = desired): FamilySummary {
  const dump = parseDump(saved);
  return summary(planFromDump(dump, ruleset), dump, ruleset);
}

/**
 * Every finding as `origin | table chain finding | op finding line`, for comparing with a table.
 */
function words(seen: FamilySummary): readonly string[] {
  return seen.services.flatMap(({ origin, state, chains }) =>
    chains.flatMap(({ table, chain, finding, rules }) => [
      `${origin || 'every node'} ${state}: ${table} ${chain} ${finding}`,
      ...rules.map((rule) => `  ${rule.op} ${rule.finding}: ${rule.line}`),
    ]),
  );
}

/** Every change of a share as `pool endpoint before -> after`. */
export function shares(seen: FamilySummary): readonly string[] {
  return seen.services.flatMap(({ pools }) =>
    pools.flatMap(({ pool, endpoints }) =>
      endpoints.map(
        ({ endpoint, before, after }) =>
          `${pool} ${endpoint} ${fractionText(before)} -> ${fractionText(after)}`,
      ),
    ),
  );
}

interface Drift {
  readonly what: string;
  /** Lines of a restore input, by table. */
  readonly nat?: readonly string[];
  readonly filter?: readonly string[];
  readonly findings: readonly string[];
  readonly shares?: readonly string[];
}

const DISPATCH = CHAINS.get('KUBE-SERVICES')!.find((line) => line.includes('default/web:http'))!;
const DB = CHAINS.get('KUBE-SERVICES')!.find((line) => line.includes('default/db:http'))!;
const DB_CHAIN = chain('SVC', 'default/db:http');
const NODE_PORTS = CHAINS.get('KUBE-SERVICES')!.at(-1)!;
const NODE_PORT = CHAINS.get('KUBE-NODEPORTS')!.find((line) => line.includes('default/web:http'))!;
const REJECT =
  '-A KUBE-SERVICES -d 10.96.0.3/32 -p tcp -m comment --comment "default/lonely:http has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable';
const HALF = SECOND.replace('0.50000000000', '0.25000000000');

/** Rules of others that return whole protocols, as people insert them for debugging. */
const FOREIGN_RETURNS: readonly Drift[] = (
  [
    ['nat', 'KUBE-SERVICES'],
    ['nat', 'KUBE-NODEPORTS'],
    ['nat', 'KUBE-POSTROUTING'],
    ['filter', 'KUBE-SERVICES'],
    ['filter', 'KUBE-NODEPORTS'],
    ['filter', 'KUBE-EXTERNAL-SERVICES'],
    ['filter', 'KUBE-PROXY-FIREWALL'],
  ] as const
).flatMap(([table, chain]) =>
  ['-p tcp ', '-p udp ', '-p icmp ', ''].map((match): Drift => {
    const words = `${match}-j RETURN`;
    return {
      what: `somebody else’s rule in ${table} ${chain}: ${words}`,
      [table]: [`-I ${chain} 1 ${words}`],
      findings: [
        `every node changed: ${table} ${chain} differs`,
        `  remove foreign: -A ${chain} ${words}`,
      ],
    };
  }),
);

const DRIFTS: readonly Drift[] = [
  {
    what: 'one rule of an endpoint deleted',
    nat: [`-D${SECOND.slice(2)}`],
    findings: [`${WEB_TCP} changed: nat ${SVC} differs`, `  add missing: ${SECOND}`],
    shares: ['cluster 10.0.0.2:8080 0 -> 1/3', 'cluster 10.0.0.3:8080 2/3 -> 1/3'],
  },
  {
    what: 'the last rule of an endpoint deleted',
    nat: [`-D${THIRD.slice(2)}`],
    findings: [`${WEB_TCP} changed: nat ${SVC} differs`, `  add missing: ${THIRD}`],
    shares: ['cluster 10.0.0.3:8080 0 -> 1/3'],
  },
  {
    what: 'one probability changed',
    nat: [
      `-D${SECOND.slice(2)}`,
      `-I ${SVC} ${CHAINS.get(SVC)!.indexOf(SECOND) + 1} ${HALF.split(' ').slice(2).join(' ')}`,
    ],
    findings: [
      `${WEB_TCP} changed: nat ${SVC} differs`,
      `  remove probability: ${HALF}`,
      `  add probability: ${SECOND}`,
    ],
    shares: ['cluster 10.0.0.2:8080 1/6 -> 1/3', 'cluster 10.0.0.3:8080 1/2 -> 1/3'],
  },
  {
    what: 'the chain of an endpoint flushed',
    nat: [`-F ${SEP}`],
    findings: [
      `${WEB_TCP} changed: nat ${SEP} empty`,
      ...CHAINS.get(SEP)!.map((line) => `  add missing: ${line}`),
    ],
    shares: ['cluster 10.0.0.2:8080 0 -> 1/3', 'cluster 10.0.0.3:8080 2/3 -> 1/3'],
  },
  {
    what: 'the chain of a Service flushed',
    nat: [`-F ${SVC}`],
    findings: [
      `${WEB_TCP} changed: nat ${SVC} empty`,
      ...CHAINS.get(SVC)!.map((line) => `  add missing: ${line}`),
    ],
    shares: [1, 2, 3].map((n) => `cluster 10.0.0.${n}:8080 0 -> 1/3`),
  },
  {
    what: 'somebody else’s rule in the chain of a Service',
    nat: [`-I ${SVC} 1 -s 192.0.2.9/32 -j RETURN`],
    findings: [
      `${WEB_TCP} changed: nat ${SVC} differs`,
      `  remove foreign: -A ${SVC} -s 192.0.2.9/32 -j RETURN`,
    ],
  },
  {
    what: 'an unconditional rule that takes all traffic',
    nat: [`-I ${SVC} 1 -j RETURN`],
    findings: [`${WEB_TCP} changed: nat ${SVC} differs`, `  remove foreign: -A ${SVC} -j RETURN`],
    shares: [1, 2, 3].map((n) => `cluster 10.0.0.${n}:8080 0 -> 1/3`),
  },
  {
    what: 'an endpoint rule written twice',
    nat: [`-A ${SVC} ${THIRD.split(' ').slice(2).join(' ')}`],
    findings: [`${WEB_TCP} changed: nat ${SVC} differs`, `  remove surplus: ${THIRD}`],
  },
  {
    what: 'two endpoint rules in another order',
    nat: [`-D${SECOND.slice(2)}`, `-A ${SVC} ${SECOND.split(' ').slice(2).join(' ')}`],
    findings: [
      `${WEB_TCP} changed: nat ${SVC} differs`,
      ...[...CHAINS.get(SVC)!.filter((line) => line !== SECOND), SECOND].map(
        (line) => `  remove moved: ${line}`,
      ),
      ...CHAINS.get(SVC)!.map((line) => `  add moved: ${line}`),
    ],
    shares: ['cluster 10.0.0.2:8080 0 -> 1/3', 'cluster 10.0.0.3:8080 2/3 -> 1/3'],
  },
  {
    what: 'an endpoint that translates elsewhere',
    nat: [
      `-F ${SEP}`,
      ...CHAINS.get(SEP)!.map((line) => line.replace('10.0.0.2:8080', '203.0.113.1:8080')),
    ],
    findings: [
      `${WEB_TCP} changed: nat ${SEP} differs`,
      `  remove surplus: ${CHAINS.get(SEP)![1]!.replace('10.0.0.2:8080', '203.0.113.1:8080')}`,
      `  add missing: ${CHAINS.get(SEP)![1]}`,
    ],
    shares: ['cluster 10.0.0.2:8080 0 -> 1/3', 'cluster 203.0.113.1:8080 1/3 -> 0'],
  },
  {
    what: 'the dispatch of a ClusterIP deleted',
    nat: [`-D${DISPATCH.slice(2)}`],
    findings: [`${WEB_TCP} changed: nat KUBE-SERVICES differs`, `  add missing: ${DISPATCH}`],
  },
  {
    what: 'the dispatch of a node port deleted',
    nat: [`-D${NODE_PORT.slice(2)}`],
    findings: [`${WEB_TCP} changed: nat KUBE-NODEPORTS differs`, `  add missing: ${NODE_PORT}`],
  },
  {
    what: 'the dispatch to another chain',
    nat: [
      `-D${DISPATCH.slice(2)}`,
      `-I KUBE-SERVICES 1 ${DISPATCH.split(' ').slice(2).join(' ').replace(SVC, EXT)}`,
    ],
    findings: [
      `${WEB_TCP} changed: nat KUBE-SERVICES differs`,
      `  remove surplus: ${DISPATCH.replace(SVC, EXT)}`,
      `  add missing: ${DISPATCH}`,
    ],
  },
  {
    what: 'the chain of all Services flushed',
    nat: ['-F KUBE-SERVICES'],
    findings: [
      'every node changed: nat KUBE-SERVICES empty',
      `  add missing: ${NODE_PORTS}`,
      'default/db:http TCP changed: nat KUBE-SERVICES differs',
      `  add missing: ${DB}`,
      `${WEB_TCP} changed: nat KUBE-SERVICES differs`,
      `  add missing: ${DISPATCH}`,
    ],
  },
  {
    what: 'a chain that nothing leads to any more, filled with something else',
    nat: [`-D${DB.slice(2)}`, `-F ${DB_CHAIN}`, `-A ${DB_CHAIN} -j RETURN`],
    findings: [
      'default/db:http TCP changed: nat KUBE-SERVICES differs',
      `  add missing: ${DB}`,
      `default/db:http TCP changed: nat ${DB_CHAIN} differs`,
      `  remove foreign: -A ${DB_CHAIN} -j RETURN`,
      ...CHAINS.get(DB_CHAIN)!.map((line) => `  add missing: ${line}`),
    ],
    shares: ['cluster 10.0.1.1:8080 0 -> 1'],
  },
  {
    what: 'somebody else’s rule in KUBE-SERVICES',
    nat: ['-I KUBE-SERVICES 1 -d 10.96.0.77/32 -j ACCEPT'],
    findings: [
      'every node changed: nat KUBE-SERVICES differs',
      '  remove foreign: -A KUBE-SERVICES -d 10.96.0.77/32 -j ACCEPT',
    ],
  },
  ...FOREIGN_RETURNS,
  {
    what: 'the refusal of a Service without endpoints deleted: its only rule',
    filter: [`-D${REJECT.slice(2)}`],
    findings: [
      'default/lonely:http TCP added: filter KUBE-SERVICES differs',
      `  add missing: ${REJECT}`,
    ],
  },
  {
    what: 'a jump from a built-in chain deleted',
    filter: ['-D INPUT -j KUBE-FIREWALL'],
    findings: [
      'every node changed: filter INPUT differs',
      '  add missing: -A INPUT -j KUBE-FIREWALL',
    ],
  },
  {
    what: 'a jump from a built-in chain written twice',
    filter: ['-I INPUT 1 -j KUBE-FIREWALL'],
    findings: [
      'every node changed: filter INPUT differs',
      '  remove surplus: -A INPUT -j KUBE-FIREWALL',
    ],
  },
  {
    what: 'a rule of the frame changed',
    nat: ['-F KUBE-MARK-MASQ', '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x8000/0x8000'],
    findings: [
      'every node changed: nat KUBE-MARK-MASQ differs',
      '  remove surplus: -A KUBE-MARK-MASQ -j MARK --set-xmark 0x8000/0x8000',
      '  add missing: -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ],
  },
  {
    what: 'dispatch to node ports in front of a Service',
    nat: [`-D${DISPATCH.slice(2)}`, `-A KUBE-SERVICES ${DISPATCH.split(' ').slice(2).join(' ')}`],
    findings: [
      'every node changed: nat KUBE-SERVICES differs',
      `  remove moved: ${NODE_PORTS}`,
      `  add moved: ${NODE_PORTS}`,
      `default/db:http TCP changed: nat KUBE-SERVICES differs`,
      ...['remove', 'add'].map(
        (op) =>
          `  ${op} moved: ${CHAINS.get('KUBE-SERVICES')!.find((line) => line.includes('default/db'))}`,
      ),
      `${WEB_TCP} changed: nat KUBE-SERVICES differs`,
      `  remove moved: ${DISPATCH}`,
      `  add moved: ${DISPATCH}`,
    ],
  },
];

function blocks({ nat = [], filter = [] }: Drift): string {
  const block = (table: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : [`*${table}`, ...lines, 'COMMIT', ''].join('\n');
  return block('filter', filter) + block('nat', nat);
}

/** The table of mode iptables. */
export const IPTABLES_BY_HAND: ByHandTable = {
  desired,
  cases: DRIFTS.map((drift) => ({
    what: drift.what,
    change: blocks(drift),
    found: [...drift.findings, ...(drift.shares ?? [])],
  })),
  report: (saved, ruleset) => {
    const seen = look(saved, ruleset);
    return [...words(seen), ...shares(seen)];
  },
  anyOrder: false,
};
