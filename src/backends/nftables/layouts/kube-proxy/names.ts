/**
 * Names of chains and sets as kube-proxy makes them: a hash to be unique, then words to be read.
 */

import type { Endpoint, ServicePort } from '../../../../model/types.js';
import { hashDigits } from '../../../hash.js';

/** What a chain of a Service port is for. */
export type ServiceChainKind = 'service' | 'local' | 'external' | 'firewall';

/** nft takes 255 bytes for a name; the prefix before the readable part has at most 15. */
const LONGEST_BASE = 240;

/** The part that all chains of a Service port share: `HASH-namespace/name/protocol/port`. */
export function servicePortBase(port: ServicePort): string {
  return hashed(readableName(port));
}

/** `service-…`, `local-…`, `external-…`, `firewall-…`. */
export function serviceChain(kind: ServiceChainKind, base: string): string {
  return `${kind}-${base}`;
}

/**
 * The part that the chain and the set of one endpoint of one Service port share. Colons become full
 * stops.
 */
export function endpointBase(port: ServicePort, endpoint: Endpoint): string {
  return hashed(`${readableName(port)}__${endpoint.ip.replaceAll(':', '.')}/${endpoint.port}`);
}

function readableName(port: ServicePort): string {
  return `${port.service}/${port.protocol.toLowerCase()}/${port.portName}`;
}

function hashed(name: string): string {
  const base = `${hashDigits(name, 8)}-${name}`;
  return base.length > LONGEST_BASE ? `${base.slice(0, LONGEST_BASE - 3)}...` : base;
}
