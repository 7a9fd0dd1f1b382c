/** Node ports on 127.0.0.1 and ::1 as mode nftables has them (KEP-6032). */

import { routesOf } from './routes.js';
import type {
  Endpoint,
  Model,
  NamespacedName,
  NodeContext,
  Protocol,
  ServicePort,
} from './types.js';

/**
 * The protocols whose node ports are rejected on loopback addresses: all, or where
 * nodePortAddresses names loopback those that kube-proxy does not serve there.
 */
export function refusedOnLoopback({
  loopbackListed,
}: Pick<NodeContext, 'loopbackListed'>): readonly Protocol[] {
  return loopbackListed ? ['UDP', 'SCTP'] : ['TCP', 'UDP', 'SCTP'];
}

/** A node port that is served on a loopback address in user space, over TCP. */
export interface LoopbackPort {
  readonly nodePort: number;
  readonly service: NamespacedName;
  /** At least one. */
  readonly endpoints: readonly Endpoint[];
  /** Seconds that all clients keep one endpoint, as they share their address; 0: no affinity. */
  readonly affinitySeconds: number;
}

/**
 * The node ports that kube-proxy serves on a loopback address itself, in the order of the model:
 * those over TCP that have endpoints for traffic from outside.
 */
export function servedOnLoopback({
  context,
  ports,
}: Pick<Model, 'context' | 'ports'>): readonly LoopbackPort[] {
  if (!context.loopbackServed) return [];
  return ports.flatMap((port) => {
    if (port.nodePort === 0 || port.protocol !== 'TCP') return [];
    const { nodePort, service, affinitySeconds } = port;
    const endpoints = endpointsOf(port);
    return endpoints.length === 0 ? [] : [{ nodePort, service, endpoints, affinitySeconds }];
  });
}

/** Those for connections from outside: policy Local holds for connections over loopback too. */
function endpointsOf(port: ServicePort): readonly Endpoint[] {
  const pool = routesOf(port).external?.pool;
  return pool === undefined ? [] : port.pools[pool];
}
