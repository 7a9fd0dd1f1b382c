/** Chain names, equal to those of kube-proxy. */

import type { ServicePort } from '../../../../model/types.js';
import { hashDigits } from '../../../hash.js';

declare const chainBrand: unique symbol;
/** Name of an iptables chain, at most 28 bytes. */
export type ChainName = string & { readonly [chainBrand]: true };

/**
 * What a per-Service chain is for: endpoints of policy Cluster or Local, external traffic, source
 * ranges.
 */
export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** The hash part that all chains of a Service port share. */
export function servicePortHash(port: Pick<ServicePort, 'id' | 'protocol'>): string {
  return hashDigits(port.id + port.protocol.toLowerCase(), 16);
}

/** `KUBE-SVC-…` and its like. */
export function serviceChain(kind: ServiceChainKind, portHash: string): ChainName {
  return brand(`KUBE-${kind}-${portHash}`);
}

/** `KUBE-SEP-…`: the chain of one endpoint of one Service port. */
export function endpointChain(
  port: Pick<ServicePort, 'id' | 'protocol'>,
  target: string,
): ChainName {
  return brand(`KUBE-SEP-${hashDigits(port.id + port.protocol.toLowerCase() + target, 16)}`);
}

/** `KUBE-SPLIT-…`: some endpoints of a pool, in the layout fast. */
export function splitChain(pool: string): ChainName {
  return brand(`KUBE-SPLIT-${hashDigits(pool, 16)}`);
}

function brand(name: string): ChainName {
  return name as ChainName;
}
