/** A node with a loaded cluster on a real kernel, and the findings of a drift check, for suites. */

import { Applier } from '../../../src/apply/applier.js';
import { BACKENDS } from '../../../src/backends/index.js';
import type { KernelReadOptions } from '../../../src/backends/kernel.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { LayoutName } from '../../../src/config/types.js';
import { DriftWatch } from '../../../src/drift/drift-watch.js';
import type { DriftFinding, DriftReport } from '../../../src/drift/types.js';
import type { Host } from '../../../src/host/host.js';
import {
  type BackendName,
  type Compiled,
  type CompileOptions,
  compileSnapshot,
  type Family,
  loadSnapshot,
  type Snapshot,
  updateSnapshot,
} from '../../../src/index.js';

/** One way to hold rules in a kernel. */
export interface DriftVariant {
  readonly name: 'iptables-nft' | 'iptables-legacy' | 'nftables';
  readonly mode: BackendName;
  readonly layout: LayoutName;
  readonly read: KernelReadOptions;
  readonly tools: readonly string[];
}

/** Each kind of kernel with kube-proxy's layout. */
const KERNELS: readonly Omit<DriftVariant, 'layout'>[] = [
  {
    name: 'iptables-nft',
    mode: 'iptables',
    read: { iptables: 'nft' },
    tools: ['iptables-nft', 'ip6tables-nft', 'nft', 'nfacct'],
  },
  {
    name: 'iptables-legacy',
    mode: 'iptables',
    read: { iptables: 'legacy' },
    tools: ['iptables-legacy', 'ip6tables-legacy', 'nfacct'],
  },
  { name: 'nftables', mode: 'nftables', read: {}, tools: ['nft'] },
];

/** Layout fast with one of iptables: what is compared is not the tool's. */
export const DRIFT_VARIANTS: readonly DriftVariant[] = [
  ...KERNELS.map((kernel) => ({ ...kernel, layout: 'kube-proxy' as const })),
  ...KERNELS.filter(({ name }) => name !== 'iptables-legacy').map((kernel) => ({
    ...kernel,
    layout: 'fast' as const,
  })),
];

/** An applier and the watch over it. */
export interface WatchedNode {
  readonly applier: Applier;
  readonly watch: DriftWatch;
}

/** `mark`: of a ChangeDetector; without it every check reads the kernel. */
export function watchedNode(
  host: Host,
  variant: DriftVariant,
  family: Family,
  mark?: () => Promise<string | undefined>,
): WatchedNode {
  const backend = BACKENDS[variant.mode];
  const applier = new Applier({
    host,
    backend,
    family,
    lock: { timeout: 10_000, about: 'a test' },
    read: () => variant.read,
    lockTimeout: 10_000,
    timeout: 60_000,
    failedFolder: '/nowhere',
    verify: false,
  });
  return { applier, watch: new DriftWatch({ host, family, backend, applier, repair: true, mark }) };
}

/** A cluster and its rules. */
interface WatchedCluster {
  readonly snapshot: Snapshot;
  readonly compiled: Compiled;
}

/**
 * Service web has a node port and a load balancer address with source ranges, db session affinity,
 * plain neither, and lonely no endpoint.
 */
export function watchedCluster(variant: DriftVariant, family: Family): WatchedCluster {
  const v4 = family === 'IPv4';
  const ip = (n: number): string => (v4 ? `10.96.0.${n}` : `fd00:10:96::${n}`);
  const items = [
    service('web', family, ip(1), {
      type: 'LoadBalancer',
      nodePort: 30080,
      loadBalancerSourceRanges: [v4 ? '203.0.113.0/24' : '2001:db8::/64'],
      lb: v4 ? '192.0.2.1' : '2001:db8:1::1',
    }),
    slice('web', family, [1, 2]),
    service('db', family, ip(2), { sessionAffinity: 'ClientIP' }),
    slice('db', family, [3, 4]),
    service('lonely', family, ip(3), {}),
    service('plain', family, ip(4), {}),
    slice('plain', family, [5, 6]),
  ];
  const snapshot = snapshotOf(items);
  return { snapshot, compiled: compileSnapshot(snapshot, family, optionsOf(variant)) };
}

/** The same with other endpoints of web, by their last number; shares all that did not change. */
export function movedWeb(
  variant: DriftVariant,
  { snapshot, compiled }: WatchedCluster,
  web: readonly number[],
): WatchedCluster {
  const { family } = compiled.ruleset;
  const set = [...snapshotOf([slice('web', family, web)]).slices.values()].flat();
  const next = updateSnapshot(snapshot, { set });
  return { snapshot: next, compiled: compileSnapshot(next, family, optionsOf(variant), compiled) };
}

function optionsOf({ mode, layout }: DriftVariant): CompileOptions {
  return { mode, config: { ...defaultConfig, layout } };
}

function snapshotOf(items: readonly object[]): Snapshot {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  return loadSnapshot([{ name: 'cluster', text }]).snapshot;
}

function service(
  name: string,
  family: Family,
  clusterIP: string,
  {
    lb,
    nodePort,
    ...spec
  }: { readonly lb?: string; readonly nodePort?: number; [field: string]: unknown },
): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [family],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, ...(nodePort && { nodePort }) }],
      ...spec,
    },
    ...(lb && { status: { loadBalancer: { ingress: [{ ip: lb }] } } }),
  };
}

function slice(name: string, family: Family, numbers: readonly number[]): object {
  const address = (n: number): string => (family === 'IPv4' ? `10.1.0.${n}` : `fd00:10:1::${n}`);
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: family,
    endpoints: numbers.map((n) => ({ addresses: [address(n)], conditions: { ready: true } })),
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  };
}

/** A finding in one line: kind, table and chain, Service port, rule. */
export function findingText({ kind, table, chain, origin, line }: DriftFinding): string {
  return [kind, `${table}/${chain}`, origin || 'every node', line].join(' | ');
}

/** What a report found, sorted. */
export function findingTexts(report: DriftReport | undefined): readonly string[] {
  if (report === undefined) throw new Error('the check could not compare');
  return report.findings.map(findingText).sort();
}
