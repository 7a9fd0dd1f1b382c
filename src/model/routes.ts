/**
 * Decides for one Service port which of its addresses lead to which pool of endpoints on this node,
 * and what happens to traffic that finds no endpoint. Every layout reads these decisions; none
 * makes them again.
 */

import { type Cidr, cidrContains, hostCidr } from '../net/cidr.js';
import type { Ip } from '../net/ip.js';
import type { Endpoint, Pools, ServicePort } from './types.js';

/** The endpoints of traffic policy Cluster or Local. */
export type PoolName = 'cluster' | 'local';

/** Addresses and ports of the node that a Service port answers on. */
export interface Frontends {
  /** None or one. */
  readonly clusterIps: readonly Ip[];
  readonly externalIps: readonly Ip[];
  readonly loadBalancerIps: readonly Ip[];
  /** None or one. */
  readonly nodePorts: readonly number[];
}

/** How traffic to an external IP, a load balancer IP or a node port is handled. */
export interface ExternalRoute {
  /**
   * `externalTrafficPolicy`. With `local`, pods of this node and the node itself still use the
   * cluster pool, and all other traffic keeps its source address.
   */
  readonly policy: PoolName;
  /** The pool for all other traffic; `undefined` where it has no endpoint. */
  readonly pool: PoolName | undefined;
}

/** What kube-proxy's syncProxyRules decides for one Service port. */
export interface PortRoutes {
  /** Pools with endpoints. */
  readonly pools: readonly { readonly name: PoolName; readonly endpoints: readonly Endpoint[] }[];
  /** The pool behind the ClusterIP. */
  readonly internalPool: PoolName;
  /** `undefined` where no endpoint exists, or no address outside the cluster was asked for. */
  readonly external: ExternalRoute | undefined;
  /** Frontends with endpoints for some traffic. Those from outside lead into {@link external}. */
  readonly dispatched: Frontends;
  /**
   * Frontends without a usable endpoint. Under external policy Local they may be dispatched too,
   * for traffic of the node and its pods.
   */
  readonly refused: Frontends;
  /** `reject` where no endpoint exists, `drop` where only other nodes have one. */
  readonly refusal: 'reject' | 'drop';
  /** Load balancer IPs that not everybody may use ({@link allowedSources}). */
  readonly firewalledIps: readonly Ip[];
}

/**
 * The routes of a Service port. The fields are independent of each other. Nothing is spread here:
 * both layouts ask for these of every port.
 */
export function routesOf(port: ServicePort): PortRoutes {
  const { any, local } = port.pools;
  const internalPool = port.internalPolicyLocal ? 'local' : 'cluster';
  const externalPool = port.externalPolicyLocal ? 'local' : 'cluster';
  const hasEndpoints = (pool: PoolName): boolean => any && (pool === 'cluster' || local.length > 0);
  const own: Frontends = {
    clusterIps: port.clusterIp === '' ? NONE : [port.clusterIp],
    externalIps: port.externalIps,
    loadBalancerIps: port.loadBalancerIps,
    nodePorts: port.nodePort === 0 ? NONE : [port.nodePort],
  };
  const internal = hasEndpoints(internalPool);
  const external = hasEndpoints(externalPool);
  return {
    pools: poolsOf(port.pools),
    internalPool,
    external:
      any && port.externallyAccessible
        ? { policy: externalPool, pool: external ? externalPool : undefined }
        : undefined,
    dispatched: frontends(internal ? own : NO_FRONTENDS, any ? own : NO_FRONTENDS),
    refused: frontends(internal ? NO_FRONTENDS : own, external ? NO_FRONTENDS : own),
    refusal: any ? 'drop' : 'reject',
    firewalledIps: firewalledIpsOf(port),
  };
}

/** {@link PortRoutes.firewalledIps} without the rest. */
export function firewalledIpsOf({ sourceRanges, loadBalancerIps }: ServicePort): readonly Ip[] {
  return sourceRanges.length > 0 ? loadBalancerIps : NONE;
}

const NONE: readonly never[] = [];
const NO_FRONTENDS: Frontends = {
  clusterIps: NONE,
  externalIps: NONE,
  loadBalancerIps: NONE,
  nodePorts: NONE,
};

function poolsOf({ cluster, local }: Pools): PortRoutes['pools'] {
  const pools: { readonly name: PoolName; readonly endpoints: readonly Endpoint[] }[] = [];
  if (cluster.length > 0) pools.push({ name: 'cluster', endpoints: cluster });
  if (local.length > 0) pools.push({ name: 'local', endpoints: local });
  return pools;
}

function frontends(
  { clusterIps }: Frontends,
  { externalIps, loadBalancerIps, nodePorts }: Frontends,
): Frontends {
  return { clusterIps, externalIps, loadBalancerIps, nodePorts };
}

/**
 * Networks that may use the load balancer IPs. If the node itself may, its traffic can arrive with
 * the load balancer IP as source, because that address is routed to loopback: these addresses may
 * then too.
 */
export function allowedSources(port: ServicePort, nodeIp: Ip): readonly Cidr[] {
  const nodeAllowed = port.sourceRanges.some((cidr) => cidrContains(cidr, nodeIp));
  return [...port.sourceRanges, ...(nodeAllowed ? port.loadBalancerIps.map(hostCidr) : [])];
}
