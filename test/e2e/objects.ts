/**
 * A small cluster as an API server holds it: dual-stack Services of both protocols, their slices, a
 * node, its networks.
 */

import type { ApiObject } from '../support/api-server/index.js';

export const NODE: ApiObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-a', labels: { 'topology.kubernetes.io/zone': 'a' } },
  spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24', 'fd00:10:244::/64'] },
  status: {
    addresses: [
      { type: 'InternalIP', address: '192.0.2.10' },
      { type: 'InternalIP', address: 'fd00:192:0:2::10' },
    ],
  },
};

export const SERVICE_CIDR: ApiObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes' },
  spec: { cidrs: ['10.96.0.0/16', 'fd00:10:96::/112'] },
};

/** Service `shop/NAME` number `n`, dual-stack, with this many endpoints of each family. */
export function shop(name: string, n: number, endpoints = 3): readonly ApiObject[] {
  const [v4, v6] = [`10.96.${n >> 8}.${n & 255}`, `fd00:10:96::${n.toString(16)}`];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop', labels: { app: name } },
      spec: {
        type: 'ClusterIP',
        clusterIP: v4,
        clusterIPs: [v4, v6],
        ipFamilies: ['IPv4', 'IPv6'],
        ports: [
          { name: 'web', port: 80, protocol: 'TCP', targetPort: 8080 },
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 5353 },
        ],
      },
    },
    slice(
      name,
      'IPv4',
      Array.from({ length: endpoints }, (_, i) => `10.${n >> 8}.${n & 255}.${i + 1}`),
    ),
    slice(
      name,
      'IPv6',
      Array.from(
        { length: endpoints },
        (_, i) => `fd00:10:244::${n.toString(16)}:${(i + 1).toString(16)}`,
      ),
    ),
  ];
}

/**
 * The slice of one family of Service `shop/NAME`, with endpoints that are ready, and those that
 * still serve while they end.
 */
export function slice(
  name: string,
  addressType: 'IPv4' | 'IPv6',
  addresses: readonly string[],
  terminating: readonly string[] = [],
): ApiObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${addressType.toLowerCase()}`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType,
    ports: [
      { name: 'web', port: 8080, protocol: 'TCP' },
      { name: 'dns', port: 5353, protocol: 'UDP' },
    ],
    endpoints: [...addresses, ...terminating].map((address) => ({
      addresses: [address],
      conditions: {
        ready: addresses.includes(address),
        serving: true,
        terminating: terminating.includes(address),
      },
      nodeName: 'node-a',
    })),
  };
}

/** The node, its networks, and Services `s0`, `s1`, … */
export function cluster(services: number): readonly ApiObject[] {
  return [
    NODE,
    SERVICE_CIDR,
    ...Array.from({ length: services }, (_, n) => shop(`s${n}`, n + 1)).flat(),
  ];
}
