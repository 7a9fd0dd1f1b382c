/**
 * Clusters of a given size for the benchmarks: TCP ClusterIP Services and their slices, as kubectl
 * prints them.
 */

import { type Ip, ipFromBigInt } from '../../src/net/ip.js';

export interface Size {
  readonly services: number;
  readonly endpoints: number;
}

/** An API server takes no larger slice. */
const SLICE = 1000;

/**
 * The Service of number `i` and its EndpointSlices, each but the last of {@link SLICE} endpoints.
 */
export function serviceObjects(i: number, endpoints: number): readonly object[] {
  const name = serviceName(i);
  const clusterIP = clusterIp(i);
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'bench', resourceVersion: String(i) },
      spec: {
        type: 'ClusterIP',
        clusterIP,
        clusterIPs: [clusterIP],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
        sessionAffinity: 'None',
        selector: { app: name },
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
      },
      status: { loadBalancer: {} },
    },
    ...Array.from({ length: Math.max(1, Math.ceil(endpoints / SLICE)) }, (_, part) =>
      sliceObject(i, endpoints, part),
    ),
  ];
}

function sliceObject(i: number, endpoints: number, part: number): object {
  const name = serviceName(i);
  const first = part * SLICE;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: part === 0 ? `${name}-x7k2p` : `${name}-x7k2p-${part}`,
      namespace: 'bench',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Array.from({ length: Math.min(SLICE, endpoints - first) }, (_, k) => ({
      addresses: [endpointIp(i, first + k, endpoints)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${(i + first + k) % 100}`,
      zone: `zone-${(first + k) % 3}`,
      targetRef: { kind: 'Pod', name: `${name}-${first + k}`, namespace: 'bench' },
    })),
  };
}

/** The whole cluster as one List, the way `kubectl get … -o json` prints it. */
export function clusterJson({ services, endpoints }: Size): string {
  const items = Array.from({ length: services }, (_, i) => serviceObjects(i, endpoints)).flat();
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: {}, items }, null, 1);
}

/** The same as kubectl itself prints it, indented by four and with `kind` behind the items. */
export function listJson({ services, endpoints }: Size): string {
  const items = Array.from({ length: services }, (_, i) => serviceObjects(i, endpoints)).flat();
  const list = { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
  return `${JSON.stringify(list, null, 4)}\n`;
}

/** A node that runs endpoints of {@link serviceObjects}. */
export function nodeObject(i: number) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `node-${i}`, labels: { 'topology.kubernetes.io/zone': `zone-${i % 3}` } },
    spec: { podCIDR: `10.${244 + (i >> 8)}.${i & 255}.0/24` },
    status: { addresses: [{ type: 'InternalIP', address: `192.168.${i >> 8}.${1 + (i & 255)}` }] },
  };
}

export function serviceName(i: number): string {
  return `svc-${String(i).padStart(5, '0')}`;
}

export function clusterIp(i: number): Ip {
  return ipFromBigInt(0x0a600000n + BigInt(i) + 16n, 'IPv4');
}

export function endpointIp(i: number, j: number, endpoints: number): Ip {
  return ipFromBigInt(0x0a800000n + BigInt(i * endpoints + j), 'IPv4');
}
