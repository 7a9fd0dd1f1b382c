/** Says which traffic for a Service port finds an endpoint on this node, and what becomes of the rest. */

import { type Cidr, cidrContains, hostCidr } from '../net/cidr.js';
import type { Ip } from '../net/ip.js';
import type { Endpoint, ServicePort } from './types.js';

export interface Reach {
  /** Whether traffic for the cluster IP finds an endpoint. */
  readonly internal: boolean;
  /** Whether traffic from outside finds an endpoint; what the node itself sends may although this is false. */
  readonly external: boolean;
  /** Whether traffic for outside addresses is handled at all: there are such addresses, and endpoints somewhere. */
  readonly handlesExternal: boolean;
  /** Traffic that finds none is refused where nobody serves, and dropped where somebody does on another node. */
  readonly otherwise: 'reject' | 'drop';
}

/** What kube-proxy calls hasInternalEndpoints, hasExternalEndpoints and usesExternalTrafficChain. */
export function reachOf(port: ServicePort): Reach {
  const { any, local } = port.pools;
  return {
    internal: any && (!port.internalPolicyLocal || local.length > 0),
    external: any && (!port.externalPolicyLocal || local.length > 0),
    handlesExternal: any && port.externallyAccessible,
    otherwise: any ? 'drop' : 'reject',
  };
}

/** The pools that hold anybody, each with what stands for it. */
export function usedPools<T>(
  port: ServicePort,
  names: { readonly cluster: T; readonly local: T },
): readonly { readonly chain: T; readonly endpoints: readonly Endpoint[] }[] {
  return [
    { chain: names.cluster, endpoints: port.pools.cluster },
    { chain: names.local, endpoints: port.pools.local },
  ].filter((pool) => pool.endpoints.length > 0);
}

/**
 * Networks that may use the load balancer addresses. If the node itself may, its traffic can arrive with the load
 * balancer address as source, because that address is routed to loopback: these addresses may then too.
 */
export function allowedSources(port: ServicePort, nodeIp: Ip): readonly Cidr[] {
  const nodeAllowed = port.sourceRanges.some((cidr) => cidrContains(cidr, nodeIp));
  return [...port.sourceRanges, ...(nodeAllowed ? port.loadBalancerIps.map(hostCidr) : [])];
}
