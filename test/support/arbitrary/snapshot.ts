/**
 * Random clusters for properties: valid objects as an API server holds them, changes of them, and
 * hostile ones.
 */

import fc from 'fast-check';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { HostFacts, ProxyConfig } from '../../../src/config/types.js';
import { type Cidr, parseCidr } from '../../../src/net/cidr.js';
import { parseIp } from '../../../src/net/ip.js';
import type { CompileOptions } from '../../../src/pipeline.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type Node,
  objectRef,
  type Protocol,
  type Service,
  type ServicePortSpec,
} from '../../../src/snapshot/types.js';
import type { SnapshotChange } from '../../../src/snapshot/update.js';

/** Few of each, so that random objects meet: same Service, same address, same node. */
const NAMESPACES = ['default', 'shop'] as const;
const NAMES = ['api', 'db', 'web', 'z-9'] as const;
const NODES = ['node-1', 'node-2', 'node-3'] as const;
const ZONES = ['zone-a', 'zone-b'] as const;
const PORT_NAMES = ['', 'http', 'dns', 'metrics'] as const;
const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

/** The type without undefined: a field that may be undefined may be absent instead. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Drops the fields that are undefined: an absent field is what YAML and watches have. */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, field]) => field !== undefined),
  ) as Present<T>;
}

const host4 = fc.integer({ min: 1, max: 12 });
const externalIp = fc.oneof(
  host4.map((n) => `192.0.2.${n}`),
  host4.map((n) => `2001:db8::${n}`),
);
const sourceRange = fc.constantFrom(
  '10.0.0.0/8',
  '203.0.113.0/24',
  '172.18.0.0/16',
  '0.0.0.0/0',
  'fd00::/8',
  '::/0',
);

const portSpec: fc.Arbitrary<ServicePortSpec> = fc.record({
  name: fc.constantFrom(...PORT_NAMES),
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.constantFrom(53, 80, 443, 65535),
  nodePort: fc.constantFrom(0, 30000, 30001, 32767),
});

/** Ports that one Service may have together. */
const portSpecs = fc
  .uniqueArray(portSpec, {
    minLength: 1,
    maxLength: 3,
    comparator: (a, b) =>
      a.name === b.name ||
      (a.protocol === b.protocol &&
        (a.port === b.port || (a.nodePort !== 0 && a.nodePort === b.nodePort))),
  })
  .map((ports) =>
    ports.length === 1
      ? ports
      : ports.map((port, i) => ({ ...port, name: port.name === '' ? `p${i}` : (port.name ?? '') })),
  );

type Stack = 'v4' | 'v6' | 'both' | 'none';

function addresses(
  stack: Stack,
  n: number,
): Pick<Service['spec'], 'clusterIP' | 'clusterIPs' | 'ipFamilies'> {
  const v4 = `10.96.0.${n}`;
  const v6 = `fd00:10:96::${n.toString(16)}`;
  switch (stack) {
    case 'none':
      return { clusterIP: 'None', clusterIPs: ['None'] };
    case 'v4':
      return { clusterIP: v4, clusterIPs: [v4], ipFamilies: ['IPv4'] };
    case 'v6':
      return { clusterIP: v6, clusterIPs: [v6], ipFamilies: ['IPv6'] };
    case 'both':
      return { clusterIP: v4, clusterIPs: [v4, v6], ipFamilies: ['IPv4', 'IPv6'] };
  }
}

/** A Service as an API server would hold it. */
export const service: fc.Arbitrary<Service> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom(...NAMES),
    labels: fc.constantFrom(undefined, undefined, undefined, {
      'service.kubernetes.io/service-proxy-name': 'other',
    }),
    type: fc.constantFrom(
      'ClusterIP' as const,
      'NodePort' as const,
      'LoadBalancer' as const,
      'ExternalName' as const,
    ),
    stack: fc.constantFrom<Stack>('v4', 'v4', 'v6', 'both', 'both', 'none'),
    n: host4,
    ports: portSpecs,
    externalIPs: maybe(fc.array(externalIp, { maxLength: 2 })),
    ranges: maybe(fc.array(sourceRange, { maxLength: 3 })),
    affinity: maybe(fc.constantFrom(1, 300, 86400)),
    internal: maybe(fc.constantFrom('Cluster' as const, 'Local' as const)),
    external: maybe(fc.constantFrom('Cluster' as const, 'Local' as const)),
    healthCheckNodePort: fc.constantFrom(0, 31000),
    ingress: fc.array(
      fc.record({
        ip: externalIp,
        ipMode: fc.constantFrom('VIP' as const, 'VIP' as const, 'Proxy' as const),
      }),
      { maxLength: 2 },
    ),
  })
  .map((r): Service => {
    const outside = r.type === 'NodePort' || r.type === 'LoadBalancer';
    const balancer = r.type === 'LoadBalancer';
    // An API server refuses these fields where they mean nothing.
    const external = outside || (r.externalIPs ?? []).length > 0 ? r.external : undefined;
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: present({ name: r.name, namespace: r.namespace, labels: r.labels }),
      spec: present({
        type: r.type,
        ...(r.type === 'ExternalName'
          ? { externalName: 'shop.example' }
          : addresses(outside && r.stack === 'none' ? 'v4' : r.stack, r.n)),
        ports: r.ports.map((port) => ({ ...port, nodePort: outside ? (port.nodePort ?? 0) : 0 })),
        externalIPs: r.externalIPs,
        loadBalancerSourceRanges: balancer ? r.ranges : undefined,
        sessionAffinity: r.affinity === undefined ? ('None' as const) : ('ClientIP' as const),
        ...(r.affinity === undefined
          ? {}
          : { sessionAffinityConfig: { clientIP: { timeoutSeconds: r.affinity } } }),
        internalTrafficPolicy: r.internal,
        externalTrafficPolicy: external,
        healthCheckNodePort: balancer && external === 'Local' ? r.healthCheckNodePort : undefined,
      }),
      ...(balancer ? { status: { loadBalancer: { ingress: r.ingress } } } : {}),
    };
  });

const hints = fc.constantFrom(
  undefined,
  { forZones: [{ name: 'zone-a' }] },
  { forZones: [{ name: 'zone-b' }] },
  { forNodes: [{ name: 'node-1' }], forZones: [{ name: 'zone-a' }] },
  { forNodes: [{ name: 'node-2' }] },
);

const flag = fc.constantFrom(undefined, true, true, false);

/** A slice; its endpoints come from few addresses, so that slices repeat each other. */
export const slice: fc.Arbitrary<EndpointSlice> = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    service: fc.constantFrom(...NAMES),
    part: fc.nat(1),
    family: fc.constantFrom('IPv4' as const, 'IPv6' as const),
    ports: fc.uniqueArray(fc.constantFrom(...PORT_NAMES, 'p0', 'p1'), { maxLength: 4 }),
    protocol: fc.constantFrom(...PROTOCOLS),
    allHinted: fc.boolean(),
    endpoints: fc.array(
      fc.record({
        n: host4,
        ready: flag,
        serving: flag,
        terminating: fc.constantFrom(undefined, false, false, true),
        nodeName: fc.constantFrom(undefined, ...NODES),
        zone: fc.constantFrom(undefined, ...ZONES),
        hints,
      }),
      { maxLength: 6 },
    ),
  })
  .map(
    (r): EndpointSlice => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${r.service}-${r.family.toLowerCase()}-${r.part}`,
        namespace: r.namespace,
        labels: { 'kubernetes.io/service-name': r.service },
      },
      addressType: r.family,
      endpoints: r.endpoints.map((e) =>
        present({
          addresses: [r.family === 'IPv4' ? `10.180.0.${e.n}` : `fd00:10:180::${e.n}`],
          conditions: present({ ready: e.ready, serving: e.serving, terminating: e.terminating }),
          nodeName: e.nodeName,
          zone: e.zone,
          hints: r.allHinted ? (e.hints ?? { forZones: [{ name: 'zone-a' }] }) : e.hints,
        }),
      ),
      ports: r.ports.map((name) => ({ name, protocol: r.protocol, port: 8080 })),
    }),
  );

/** A Node with any zone and addresses of one or both families. */
export const node: fc.Arbitrary<Node> = fc
  .record({
    name: fc.constantFrom(...NODES),
    zone: fc.constantFrom(undefined, ...ZONES),
    ips: fc.constantFrom([], ['172.18.0.2'], ['fd00:18::2'], ['172.18.0.2', 'fd00:18::2']),
    podCIDRs: fc.constantFrom(undefined, ['10.180.0.0/24'], ['10.180.0.0/24', 'fd00:10:180::/64']),
  })
  .map(
    ({ name, zone, ips, podCIDRs }): Node => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: present({
        name,
        labels: zone === undefined ? undefined : { 'topology.kubernetes.io/zone': zone },
      }),
      spec: present({ podCIDRs }),
      status: { addresses: ips.map((address) => ({ type: 'InternalIP', address })) },
    }),
  );

/** Any object that rules depend on. */
export const anyObject: fc.Arbitrary<KubernetesObject> = fc.oneof(
  { arbitrary: service, weight: 3 },
  { arbitrary: slice, weight: 4 },
  { arbitrary: node, weight: 1 },
);

/** What names an object: two objects of one key replace each other. */
export function keyOf(object: KubernetesObject): string {
  const { kind, namespace, name } = objectRef(object);
  return `${kind} ${namespace}/${name}`;
}

/** The objects of a cluster, each name once. */
export const cluster: fc.Arbitrary<readonly KubernetesObject[]> = fc.uniqueArray(anyObject, {
  selector: keyOf,
  maxLength: 24,
});

/** Steps of a life: objects that are new or changed, objects that go. */
export const change: fc.Arbitrary<SnapshotChange> = fc.record({
  set: fc.array(anyObject, { maxLength: 2 }),
  delete: fc.array(anyObject.map(objectRef), { maxLength: 2 }),
});

const cidrs = (...texts: readonly string[]): readonly Cidr[] =>
  texts.map((text) => parseCidr(text)!);

/** A configuration with any combination of what rules depend on. */
export const config: fc.Arbitrary<ProxyConfig> = fc
  .record({
    bindAddress: fc.constantFrom('0.0.0.0', '172.18.0.2', '::').map((text) => parseIp(text)!),
    clusterCidrs: fc.constantFrom(
      cidrs(),
      cidrs('10.180.0.0/16'),
      cidrs('10.180.0.0/16', 'fd00:10:180::/56'),
    ),
    detectLocalMode: fc.constantFrom(
      'ClusterCIDR' as const,
      'NodeCIDR' as const,
      'BridgeInterface' as const,
      'InterfaceNamePrefix' as const,
    ),
    bridgeInterface: fc.constant('cni0'),
    interfaceNamePrefix: fc.constant('veth'),
    nodePortAddresses: fc.constantFrom(
      cidrs(),
      cidrs('172.18.0.0/16'),
      cidrs('127.0.0.0/8', '::1/128'),
      'primary' as const,
    ),
    iptables: fc.record({
      masqueradeBit: fc.integer({ min: 0, max: 31 }),
      masqueradeAll: fc.boolean(),
      localhostNodePorts: fc.boolean(),
    }),
    tcpBeLiberal: fc.boolean(),
    allowServiceExternalIps: fc.boolean(),
  })
  .map((fields) => ({ ...defaultConfig, ...fields }));

const hostFacts: fc.Arbitrary<HostFacts> = fc.record({
  nodeName: fc.constantFrom(...NODES),
  interfaces: fc.constantFrom(
    [],
    [
      { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
      { name: 'eth0', addresses: ['172.18.0.2/16', 'fd00:18::2/64'] },
    ],
  ),
  nfacct: fc.boolean(),
});

/** What a compile is given besides the snapshot. */
export const options: fc.Arbitrary<CompileOptions> = fc
  .record({
    config: maybe(config),
    host: maybe(hostFacts),
    nodeName: maybe(fc.constantFrom('', ...NODES, 'elsewhere')),
  })
  .map((fields) => present(fields) as CompileOptions);
