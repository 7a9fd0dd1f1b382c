/**
 * Services of the packet tests as the API server would hold them: dual stack, one TCP and one UDP
 * port.
 */

import type { EndpointSlice, Family, Node, Service, ServiceCidr } from '../../src/index.js';
import { POD_PORT } from '../support/machines/station-protocol.js';
import {
  type Addresses,
  addressIn,
  EXTERNAL_CIDR,
  FAMILIES,
  LOAD_BALANCER_CIDR,
  NODE,
  NODE_IP,
  POD_CIDRS,
  PODS,
  type PodName,
  REMOTE_NODE,
  REMOTE_NODE_IP,
  REMOTE_POD_CIDRS,
  SERVICE_CIDR,
  SERVICE_PORT,
} from './addresses.js';

/** Where a probe goes: an address of its family, and a port that TCP and UDP share. */
export interface Target {
  readonly addresses: Addresses;
  readonly port: number;
}

export interface TestService {
  readonly objects: readonly (Service | EndpointSlice)[];
  readonly clusterIp: Target;
  /** The node port on one of the node's addresses. */
  readonly nodePortOn: (addresses: Addresses) => Target;
  readonly loadBalancer: Target;
  readonly externalIp: Target;
}

export interface ServiceOptions {
  /** Default ClusterIP. A LoadBalancer gets one VIP per family. */
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  /** Pods that are ready. */
  readonly ready?: readonly PodName[];
  /** Pods that are being deleted and still serve. */
  readonly terminating?: readonly PodName[];
  /** Whether the Service has an external IP per family. */
  readonly external?: boolean;
  /** Fields of the spec as they are. */
  readonly spec?: Partial<Service['spec']>;
}

const TRANSPORTS = ['TCP', 'UDP'] as const;

/** The n-th Service of a test (n from 1 to 9 decides its addresses) and where it can be reached. */
export function testService(name: string, n: number, options: ServiceOptions): TestService {
  const clusterIp = addressIn(SERVICE_CIDR, n);
  const loadBalancer = addressIn(LOAD_BALANCER_CIDR, n);
  const externalIp = addressIn(EXTERNAL_CIDR, n);
  const type = options.type ?? 'ClusterIP';
  const nodePort = 30_000 + n;
  const both = (addresses: Addresses) => FAMILIES.map((family) => addresses[family]);
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type,
      clusterIP: clusterIp.IPv4,
      clusterIPs: both(clusterIp),
      ipFamilies: FAMILIES,
      ipFamilyPolicy: 'RequireDualStack',
      internalTrafficPolicy: 'Cluster',
      ...(type === 'ClusterIP' ? {} : { externalTrafficPolicy: 'Cluster' }),
      sessionAffinity: 'None',
      ports: TRANSPORTS.map((protocol) => ({
        name: protocol.toLowerCase(),
        protocol,
        port: SERVICE_PORT,
        targetPort: POD_PORT,
        ...(type === 'ClusterIP' ? {} : { nodePort }),
      })),
      ...(options.external ? { externalIPs: both(externalIp) } : {}),
      ...options.spec,
    },
    status: {
      loadBalancer:
        type === 'LoadBalancer'
          ? { ingress: both(loadBalancer).map((ip) => ({ ip, ipMode: 'VIP' })) }
          : {},
    },
  };
  return {
    objects: [service, ...FAMILIES.map((family) => slice(name, family, options))],
    clusterIp: { addresses: clusterIp, port: SERVICE_PORT },
    nodePortOn: (addresses) => ({ addresses, port: nodePort }),
    loadBalancer: { addresses: loadBalancer, port: SERVICE_PORT },
    externalIp: { addresses: externalIp, port: SERVICE_PORT },
  };
}

function slice(service: string, family: Family, options: ServiceOptions): EndpointSlice {
  const endpoint = (pod: PodName, ready: boolean) => ({
    addresses: [PODS[pod][family]],
    conditions: { ready, serving: true, terminating: !ready },
    nodeName: PODS[pod].node,
  });
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${family.toLowerCase()}`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: family,
    endpoints: [
      ...(options.ready ?? []).map((pod) => endpoint(pod, true)),
      ...(options.terminating ?? []).map((pod) => endpoint(pod, false)),
    ],
    ports: TRANSPORTS.map((protocol) => ({
      name: protocol.toLowerCase(),
      protocol,
      port: POD_PORT,
    })),
  };
}

/** The Node objects of the topology. */
export const NODES: readonly Node[] = [
  node(NODE, NODE_IP, POD_CIDRS),
  node(REMOTE_NODE, REMOTE_NODE_IP, REMOTE_POD_CIDRS),
];

/** The networks of the ClusterIPs, as the cluster has them. */
export const SERVICE_CIDR_OBJECT: ServiceCidr = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'kubernetes' },
  spec: { cidrs: FAMILIES.map((family) => SERVICE_CIDR[family]) },
};

function node(name: string, address: Addresses, podCidrs: Addresses): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDR: podCidrs.IPv4, podCIDRs: FAMILIES.map((family) => podCidrs[family]) },
    status: {
      addresses: FAMILIES.map((family) => ({ type: 'InternalIP', address: address[family] })),
    },
  };
}
