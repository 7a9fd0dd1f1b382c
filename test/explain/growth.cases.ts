/** Hostile objects and rules cost questions work in proportion to their size. */

import { BACKENDS } from '../../src/backends/index.js';
import { parseDump } from '../../src/backends/nftables/syntax/parse.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  nodeRules,
  print,
  readRules,
} from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { service, slice, snapshotOf, withIngress } from '../model/support.js';
import type { GrowthCase } from '../support/operations/growth.js';
import { ip, list } from '../support/operations/items.js';
import { answers, DNS, NODES, SERVICE, SLICE } from './support.js';

type Objects = readonly KubernetesObject[];

interface Rules {
  readonly compiled: Compiled;
  /** What the kernel printed. */
  readonly dump: string;
}

function written(
  mode: BackendName,
  objects: Objects,
  change: (rules: string) => string = (rules) => rules,
): Rules {
  const compiled = compileSnapshot(snapshotOf(...objects), 'IPv4', { mode });
  return { compiled, dump: change(print(compiled.ruleset)) };
}

/** Proofs of what the rules do. */
function proofOf(mode: BackendName, { compiled: { model }, dump }: Rules): () => void {
  const machine = machineOf('IPv4', HOST, undefined);
  const setting = settingOf(model, machine, BACKENDS[mode].behaviour);
  const program = readRules(mode, dump, { family: 'IPv4' }).program();
  return () => void verify(new Router(program, machine), model, setting);
}

/** Traces one packet. */
function traceOne({ compiled, dump }: Rules): void {
  const rules = nodeRules(dump, { host: HOST, compiled });
  rules.trace({ from: '10.1.0.1', to: '10.96.0.1:80' });
  rules.trace({ from: '192.0.2.200', to: '192.0.2.1:80' });
}

const HOST = {
  nodeName: 'n',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

const ONE = [service('s'), slice('s', ['10.1.0.1', '10.1.0.2'])] as const;

/** Rules of others in a chain that packets to Services pass. */
function foreign(
  count: number,
  rules: (i: number) => string,
  chains = '',
): (text: string) => string {
  const lines = list(count, rules).join('');
  return (text) => text.replace('*filter\n', `*filter\n:FORWARD ACCEPT [0:0]\n${chains}${lines}`);
}

/** Objects that both modes write rules for. */
const OBJECTS: readonly (readonly [string, number, (count: number) => Objects])[] = [
  [
    'Services on one address',
    50,
    (n) =>
      list(n, (i) => [
        service(`s${i}`, {
          clusterIP: ip(65_536 + i),
          externalIPs: ['192.0.2.1'],
          ports: [{ port: 1000 + i, protocol: 'TCP' }],
        }),
        slice(`s${i}`, ['10.1.0.1']),
      ]).flat(),
  ],
  ['endpoints of a Service', 100, (n) => [service('s'), slice('s', list(n, ip))]],
  [
    'source ranges of a Service',
    100,
    (n) => [
      withIngress(
        service('s', {
          type: 'LoadBalancer',
          loadBalancerSourceRanges: list(n, (i) => `${ip(2 * i)}/32`),
        }),
        '192.0.2.1',
      ),
      slice('s', ['10.1.0.1']),
    ],
  ],
];

/** Rules that only iptables has so. */
const RULES: readonly (readonly [string, number, (count: number) => (text: string) => string])[] = [
  [
    'rules of others that lead from chain to chain',
    100,
    (n) =>
      foreign(
        n,
        (i) => `-A ${i === 0 ? 'FORWARD' : `X${i - 1}`} -s ${ip(i)}/32 -g X${i}\n`,
        list(n, (i) => `:X${i} - [0:0]\n`).join(''),
      ),
  ],
  [
    'sources that rules of others drop',
    100,
    (n) => foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j DROP\n`),
  ],
  [
    'sources that rules of others send to a chain and back',
    100,
    (n) => foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j X\n`, ':X - [0:0]\n'),
  ],
  [
    'marks that rules of others give to sources',
    50,
    (n) =>
      foreign(n, (i) => `-A FORWARD -s ${ip(2 * i)}/32 -j MARK --set-xmark 0x${i + 1}/0xffff\n`),
  ],
  [
    'networks that rules of others mark, and drop one protocol of',
    50,
    (n) =>
      foreign(n, (i) => {
        const source = `-A FORWARD -s ${ip(256 * i)}/24`;
        return `${source} -j MARK --set-xmark 0x${i + 1}/0xffff\n${source} -p udp -j DROP\n`;
      }),
  ],
  [
    'ports that rules of others send to a chain that some come back from',
    50,
    (n) =>
      foreign(
        n,
        (i) => `-A FORWARD -p tcp -m tcp --sport ${1000 + 2 * i} -j X\n`,
        ':X - [0:0]\n-A X -s 10.9.0.0/16 -j RETURN\n-A X -p udp -j DROP\n',
      ),
  ],
  [
    'conditions of others that nobody understands',
    10,
    (n) => foreign(n, (i) => `-A FORWARD -m example --level ${i} -j DROP\n`),
  ],
  [
    'chains of others that lead twice to the next one, and further than is followed',
    100,
    (n) =>
      foreign(
        n,
        (i) => `-A ${i === 0 ? 'FORWARD' : `X${i - 1}`} -j X${i}\n`.repeat(2),
        list(n, (i) => `:X${i} - [0:0]\n`).join(''),
      ),
  ],
];

/** Explains the Service of a shop, with n of what people write beside it. */
function explain(...documents: readonly string[]): void {
  answers([NODES, DNS, ...documents]);
}

function pods(count: number, write: (i: number) => string): string {
  return list(
    count,
    (i) => `
apiVersion: v1
kind: Pod
metadata: {name: p${i}, namespace: shop, uid: u${i}, labels: {${write(i)}}}
spec: {nodeName: node-a, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {phase: Running, podIP: ${ip(i)}, conditions: [{type: Ready, status: 'True'}]}
`,
  ).join('---');
}

function endpoints(count: number): string {
  const each = list(count, (i) => `- {addresses: [${ip(i)}], targetRef: {kind: Pod, name: p${i}}}`);
  return SLICE.replace(/endpoints:[\s\S]*/, `endpoints:\n${each.join('\n')}\n`);
}

const EXPLAINED: readonly GrowthCase[] = [
  [
    'an explanation of Pods that are endpoints',
    100,
    (n) =>
      explain(
        SERVICE,
        endpoints(n),
        pods(n, () => 'app: web'),
      ),
  ],
  [
    'an explanation of endpoints that are not ready, with their Pods',
    100,
    (n) =>
      explain(
        SERVICE,
        endpoints(n).replaceAll(', targetRef', ', conditions: {ready: false}, targetRef'),
        pods(n, () => 'app: web'),
      ),
  ],
  [
    'an explanation of Pods that are selected and no endpoints',
    100,
    (n) =>
      explain(
        SERVICE,
        SLICE,
        pods(n, () => 'app: web'),
      ),
  ],
  [
    'an explanation of Pods with nearly the right labels',
    100,
    (n) =>
      explain(
        SERVICE,
        SLICE,
        pods(n, (i) => `app: wed, id: "${i}"`),
      ),
  ],
  [
    'an explanation of a Service with many slices',
    100,
    (n) => explain(SERVICE, ...list(n, (i) => SLICE.replace('web-1', `web-${i}`))),
  ],
  [
    'an explanation of ports and slices that do not meet',
    50,
    (n) => {
      const of = (word: string, field: string): string =>
        list(n, (i) => `{name: ${word}${i}, ${field}: ${i + 1}}`).join(', ');
      explain(
        SERVICE.replace(/ports:.*/, `ports: [${of('p', 'port')}]`),
        SLICE.replace(/ports:.*/, `ports: [${of('q', 'port')}]`),
      );
    },
  ],
  [
    'the search for a Service that is not there',
    200,
    (n) => {
      const near = list(n, (i) =>
        SERVICE.replace('name: web,', `name: w${i},`).replace(/.*clusterIP.*\n/g, ''),
      );
      answers([NODES, ...near], 'shop/wbe');
    },
  ],
];

/** Looks for an address in sets of a listing that is read late. */
function searchSets(count: number): void {
  const place = { family: 'ip', table: 't', type: 'ipv4_addr' };
  const sets = list(count, (i) => ({ set: { ...place, name: `s${i}`, handle: i, elem: [ip(i)] } }));
  const listing = { nftables: [{ table: { family: 'ip', name: 't', handle: 1 } }, ...sets] };
  const { tables } = parseDump(JSON.stringify(listing), { late: true });
  for (const unit of tables.get('ip t')?.units.values() ?? []) unit.near?.('192.0.2.1');
}

const MODES: readonly BackendName[] = ['iptables', 'nftables'];

/** Each with what makes a proof of so many. */
const proofs: readonly (readonly [string, number, (count: number) => () => void])[] = [
  ...OBJECTS.flatMap(([name, count, make]) =>
    MODES.map((mode) => {
      const prepare = (n: number): (() => void) => proofOf(mode, written(mode, make(n)));
      return [`${name}, in mode ${mode}`, count, prepare] as const;
    }),
  ),
  ...RULES.map(([name, count, change]) => {
    const prepare = (n: number): (() => void) =>
      proofOf('iptables', written('iptables', ONE, change(n)));
    return [name, count, prepare] as const;
  }),
];

export const cases: readonly GrowthCase[] = [
  ...OBJECTS.flatMap(([name, count, make]) =>
    MODES.map(
      (mode): GrowthCase => [
        `a trace through ${name}, in mode ${mode}`,
        count,
        (n) => traceOne(written(mode, make(n))),
      ],
    ),
  ),
  ...RULES.map(
    ([name, count, change]): GrowthCase => [
      `a trace through ${name}`,
      count,
      (n) => traceOne(written('iptables', ONE, change(n))),
    ],
  ),
  ['the search for an address in sets of a large listing', 100, searchSets],
  ...EXPLAINED,
  ...proofs.map(
    ([name, count, prepare]): GrowthCase => [`a proof of ${name}`, count, (n) => prepare(n)()],
  ),
];
