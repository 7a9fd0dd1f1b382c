/** Pairs of rulesets of random clusters, alike or not, and other contents of a kernel. */

import fc from 'fast-check';
import {
  type BackendName,
  type CompileOptions,
  compileSnapshot,
  type Family,
  loadSnapshot,
  type Ruleset,
  type Service,
  type Snapshot,
} from '../../../src/index.js';
import { MemoryKernel } from '../kernels/memory-kernel.js';
import { options, service } from './snapshot.js';

/** Two rulesets by family; the second is compiled on top of the first, as an agent does. */
export type RulesetPair = (family: Family, mode?: BackendName) => readonly [Ruleset, Ruleset];

const pod = fc.record({
  n: fc.integer({ min: 1, max: 12 }),
  ready: fc.constantFrom(true, true, true, false),
  terminating: fc.constantFrom(false, false, false, true),
  nodeName: fc.constantFrom('node-1', 'node-1', 'node-2', 'node-3'),
});
const pods = fc.array(pod, { maxLength: 7 });
type Pods = typeof pods extends fc.Arbitrary<infer T> ? T : never;

/** A Service with the endpoints that its selector would find. */
interface Workload {
  readonly service: Service;
  readonly pods: Pods;
}

const workload: fc.Arbitrary<Workload> = fc.record({ service, pods });
const workloads = fc.uniqueArray(workload, {
  minLength: 1,
  maxLength: 10,
  selector: ({ service: { metadata } }) => `${metadata.namespace}/${metadata.name}`,
});

function objectsOf({ service, pods }: Workload): readonly object[] {
  const { name, namespace } = service.metadata;
  const slices = (service.spec.ipFamilies ?? []).map((family) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${family.toLowerCase()}`,
      namespace,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: family,
    endpoints: pods.map(({ n, ready, terminating, nodeName }) => ({
      addresses: [family === 'IPv4' ? `10.180.0.${n}` : `fd00:10:180::${n}`],
      conditions: { ready: ready && !terminating, serving: ready, terminating },
      nodeName,
    })),
    ports: (service.spec.ports ?? []).map(({ name: port, protocol }) => ({
      name: port ?? '',
      protocol: protocol ?? 'TCP',
      port: 8080,
    })),
  }));
  return [service, ...slices];
}

/** What happens to one workload in a step of a cluster's life. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('scale' as const), at: fc.nat(), pods }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), by: service }),
  fc.record({ kind: fc.constant('create' as const), by: workload }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function stepped(before: readonly Workload[], change: Step): readonly Workload[] {
  if (change.kind === 'create') {
    const { name, namespace } = change.by.service.metadata;
    const others = before.filter(
      ({ service: { metadata } }) => metadata.name !== name || metadata.namespace !== namespace,
    );
    return [...others, change.by];
  }
  const at = before.length === 0 ? 0 : change.at % before.length;
  return before.flatMap((old, i) => {
    if (i !== at) return [old];
    if (change.kind === 'delete') return [];
    if (change.kind === 'scale') return [{ ...old, pods: change.pods }];
    const { metadata } = old.service;
    return [{ ...old, service: { ...change.by, metadata } }];
  });
}

/**
 * Half of the pairs are steps in the life of one cluster; some also change the node; the others
 * have nothing in common.
 */
export const rulesetPair: fc.Arbitrary<RulesetPair> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(workloads, options, fc.array(step, { minLength: 1, maxLength: 3 }))
      .map(([before, given, steps]) => pairOf(before, given, steps.reduce(stepped, before), given)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(workloads, options, step, options)
      .map(([before, given, one, otherwise]) =>
        pairOf(before, given, stepped(before, one), otherwise),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(workloads, options, workloads, options)
      .map(([before, given, after, otherwise]) => pairOf(before, given, after, otherwise)),
  },
);

/** A cluster before and after some steps of its life, on one node. */
interface ClusterPair {
  readonly first: Snapshot;
  readonly second: Snapshot;
  readonly options: CompileOptions;
}

export const clusterPair: fc.Arbitrary<ClusterPair> = fc
  .tuple(workloads, options, fc.array(step, { minLength: 1, maxLength: 3 }))
  .map(([before, given, steps]) => ({
    first: snapshotOf(before.flatMap(objectsOf)),
    second: snapshotOf(steps.reduce(stepped, before).flatMap(objectsOf)),
    options: given,
  }));

function pairOf(
  before: readonly Workload[],
  given: CompileOptions,
  after: readonly Workload[],
  otherwise: CompileOptions,
): RulesetPair {
  const [old, fresh] = [before, after].map((list) => snapshotOf(list.flatMap(objectsOf)));
  return (family, mode = 'iptables') => {
    const first = compileSnapshot(old!, family, { ...given, mode });
    const second = compileSnapshot(fresh!, family, { ...otherwise, mode }, first);
    return [first.ruleset, second.ruleset];
  };
}

function snapshotOf(objects: readonly unknown[]): Snapshot {
  return loadSnapshot([
    { name: 'cluster', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) },
  ]).snapshot;
}

/** Restore inputs of other programs. */
export interface ForeignRules {
  /** There when our rules come. */
  readonly before: string;
  /** Comes when our rules are there. */
  readonly between: string;
}

const CHAINS = [
  ['filter', 'INPUT'],
  ['filter', 'FORWARD'],
  ['filter', 'OUTPUT'],
  ['nat', 'PREROUTING'],
  ['nat', 'OUTPUT'],
  ['nat', 'POSTROUTING'],
] as const;

const rule = fc.record({
  chain: fc.constantFrom(...CHAINS),
  head: fc.boolean(),
  words: fc.constantFrom(
    '-m mark --mark 0x1 -j ACCEPT',
    '-p udp -m comment --comment "a word -j KUBE-SERVICES in a comment" -m udp --sport 68 -j RETURN',
    '-m comment --comment "cali:x" -j KUBE-ROUTER-X',
    '-p tcp -m tcp --dport 22 -j ACCEPT',
  ),
});

/** Rules of others, in chains of their own and before and behind ours in the built-in ones. */
export const foreignRules: fc.Arbitrary<ForeignRules> = fc
  .tuple(fc.array(rule, { maxLength: 5 }), fc.array(rule, { maxLength: 5 }))
  .map(([first, second]) => ({
    before: inputOf(first, [
      ':KUBE-ROUTER-X - [0:0]',
      ':KUBE-MARK-DROP - [0:0]',
      '-A KUBE-ROUTER-X -p tcp -m tcp --dport 179 -j RETURN',
    ]),
    between: inputOf(second, []),
  }));

function inputOf(
  rules: readonly {
    readonly chain: (typeof CHAINS)[number];
    readonly head: boolean;
    readonly words: string;
  }[],
  always: readonly string[],
): string {
  return ['filter', 'nat']
    .map((table) => {
      const lines = rules
        .filter(({ chain }) => chain[0] === table)
        .map(
          ({ chain, head, words }) => `${head ? `-I ${chain[1]} 1` : `-A ${chain[1]}`} ${words}`,
        );
      return `${[`*${table}`, ...always, ...lines, 'COMMIT'].join('\n')}\n`;
    })
    .join('');
}

/** A kernel without anything of ours. */
export function emptyKernel(foreign: string): MemoryKernel {
  const kernel = new MemoryKernel();
  const { error } = kernel.restore(foreign);
  if (error !== '') throw new Error(error);
  return kernel;
}
