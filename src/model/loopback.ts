/** Node ports on 127.0.0.1 and ::1 as mode nftables has them (KEP-6032). */

import type { NodeContext, Protocol } from './types.js';

/**
 * The protocols whose node ports are rejected on loopback addresses: all, or where
 * nodePortAddresses names loopback those that kube-proxy does not serve there.
 */
export function refusedOnLoopback({
  loopbackListed,
}: Pick<NodeContext, 'loopbackListed'>): readonly Protocol[] {
  return loopbackListed ? ['UDP', 'SCTP'] : ['TCP', 'UDP', 'SCTP'];
}
