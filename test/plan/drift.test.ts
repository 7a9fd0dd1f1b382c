/** What somebody did by hand is found, named rule by rule with its Service, and undone. */

import { expect } from 'chai';
import { planFromDump } from '../../src/backends/iptables/diff.js';
import { restoreInput } from '../../src/backends/iptables/load.js';
import { parseDump } from '../../src/backends/iptables/parse.js';
import { summary } from '../../src/backends/iptables/summary.js';
import { fractionText } from '../../src/plan/fraction.js';
import type { FamilySummary } from '../../src/plan/summary-types.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import type { MemoryKernel } from '../support/memory-kernel.js';
import { missingFrom } from '../support/ruleset-in-kernel.js';
import { kernelWith, rulesetOf, service, slice, smallCluster } from '../support/small-cluster.js';

const desired = smallCluster();
const WEB_TCP = 'default/web:http TCP';
const CHAINS = new Map(
  [...parseDump(kernelWith(desired).save()).tables.get('nat')!].map(([chain, { rules }]) => [
    chain,
    rules,
  ]),
);

/** The only chain with this beginning whose rules mention the text. */
function chain(kind: string, text: string): string {
  const found = [...CHAINS].filter(
    ([name, rules]) =>
      name.startsWith(`KUBE-${kind}-`) && rules.some((rule) => rule.includes(text)),
  );
  expect(found, `${kind} of ${text}`).to.have.length(1);
  return found[0]![0];
}

const SVC = chain('SVC', 'default/web:http');
const SEP = chain('SEP', '10.0.0.2:8080');
const EXT = chain('EXT', 'default/web:http');
const [, SECOND = '', THIRD = ''] = CHAINS.get(SVC)!.slice(-3);

function look(kernel: MemoryKernel): { readonly plan: FamilyPlan; readonly seen: FamilySummary } {
  const dump = parseDump(kernel.save());
  const plan = planFromDump(dump, desired);
  return { plan, seen: summary(plan, dump, desired) };
}

/** Every finding as `origin | table chain finding | op finding line`, for comparing with a table. */
function words(seen: FamilySummary): readonly string[] {
  return seen.services.flatMap(({ origin, state, chains }) =>
    chains.flatMap(({ table, chain, finding, rules }) => [
      `${origin || 'every node'} ${state}: ${table} ${chain} ${finding}`,
      ...rules.map((rule) => `  ${rule.op} ${rule.finding}: ${rule.line}`),
    ]),
  );
}

function shares(seen: FamilySummary): readonly string[] {
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
    shares: ['cluster 10.0.0.2:8080 0 -> 1/3', `cluster ${SEP} (no DNAT) 1/3 -> 0`],
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

describe('drift by hand', () => {
  it('none: no differences', () => {
    expect(look(kernelWith(desired)).plan.changes).to.deep.equal([]);
  });

  for (const drift of DRIFTS) {
    it(drift.what, () => {
      const kernel = kernelWith(desired);
      expect(kernel.restore(blocks(drift)).error).to.equal('');
      const { plan, seen } = look(kernel);
      expect(words(seen)).to.deep.equal(drift.findings);
      expect(shares(seen)).to.deep.equal(drift.shares ?? []);
      const { error } = kernel.restore(restoreInput(plan, { variant: 'nf_tables' }));
      expect(error).to.equal('');
      expect(missingFrom(kernel.save(), desired, true)).to.equal('');
      expect(look(kernel).plan.changes).to.deep.equal([]);
    });
  }

  it('a chain deleted with all rules that lead to it', () => {
    const kernel = kernelWith(desired);
    const db = chain('SVC', 'default/db:http');
    const sep = chain('SEP', '10.0.1.1:8080');
    const line = CHAINS.get('KUBE-SERVICES')!.find((text) => text.endsWith(db))!;
    kernel.restore(`*nat\n-D${line.slice(2)}\n-F ${db}\n-F ${sep}\n-X ${db}\n-X ${sep}\nCOMMIT\n`);
    const { seen } = look(kernel);
    expect(seen.services.map(({ origin, state }) => [origin, state])).to.deep.equal([
      ['default/db:http TCP', 'added'],
    ]);
    expect(seen.services[0]!.chains.map(({ finding }) => finding)).to.deep.equal([
      'differs',
      'missing',
      'missing',
    ]);
    expect(shares(seen)).to.deep.equal(['cluster 10.0.1.1:8080 0 -> 1']);
  });

  it('everything gone: all of it is named', () => {
    const kernel = kernelWith(rulesetOf([]));
    const { seen } = look(kernel);
    expect(seen.services.map(({ origin, state }) => `${origin} ${state}`)).to.deep.equal([
      'default/db:http TCP added',
      'default/lonely:http TCP added',
      'default/web:http TCP added',
    ]);
  });

  it('a scale-up is the same picture: who gets less, who comes', () => {
    const kernel = kernelWith(smallCluster(['10.0.0.1:8080', '10.0.0.2:8080']));
    const { seen } = look(kernel);
    expect(shares(seen)).to.deep.equal([
      'cluster 10.0.0.1:8080 1/2 -> 1/3',
      'cluster 10.0.0.2:8080 1/2 -> 1/3',
      'cluster 10.0.0.3:8080 0 -> 1/3',
    ]);
  });

  it('a Service that was deleted is removed, with its endpoints', () => {
    const extra = [service('old', '10.96.0.9'), slice('old', ['10.0.9.1'])];
    const { seen } = look(kernelWith(smallCluster(undefined, extra)));
    expect(seen.services.map(({ origin, state }) => `${origin} ${state}`)).to.deep.equal([
      'default/old:http TCP removed',
    ]);
    expect(shares(seen)).to.deep.equal(['cluster 10.0.9.1:8080 1 -> 0']);
  });
});

describe('a health check of a Service that does not speak TCP', () => {
  it('is named with the Service', () => {
    const kernel = kernelWith(desired);
    const check = (name: string, port: number): string =>
      `-A KUBE-NODEPORTS -p tcp -m comment --comment "default/${name}:http health check node port" -m tcp --dport ${port} -j ACCEPT`;
    kernel.restore(`*filter\n${check('web', 31000)}\n${check('gone', 31001)}\nCOMMIT\n`);
    const { seen } = look(kernel);
    expect(seen.services.map(({ origin }) => origin)).to.deep.equal([
      'default/gone:http',
      'default/web:http TCP',
    ]);
  });
});
