/** Chain names as kube-proxy makes them, so that anybody who greps for one finds it. */

import { hash } from 'node:crypto';
import type { ServicePort } from '../../model/types.js';

declare const chainBrand: unique symbol;
/** Name of an iptables chain, at most 28 bytes. */
export type ChainName = string & { readonly [chainBrand]: true };

/** What a per-Service chain is for: endpoints of policy Cluster or Local, external traffic, source ranges. */
export type ServiceChainKind = 'SVC' | 'SVL' | 'EXT' | 'FW';

/** The hash part that all chains of a Service port share. */
export function servicePortHash(port: Pick<ServicePort, 'id' | 'protocol'>): string {
  return hash80(port.id + port.protocol.toLowerCase());
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
  return brand(`KUBE-SEP-${hash80(port.id + port.protocol.toLowerCase() + target)}`);
}

function brand(name: string): ChainName {
  return name as ChainName;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Two base32 digits for every value of ten bits. */
const DIGIT_PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, value) => ALPHABET.charAt(value >> 5) + ALPHABET.charAt(value & 31),
);

/** The first 80 bits of SHA-256 as 16 base32 digits (RFC 4648). */
function hash80(text: string): string {
  const bytes = hash('sha256', text, 'buffer');
  let digits = '';
  for (const start of [0, 5]) {
    // Five bytes are four groups of ten bits; 40 bits do not fit a 32-bit operator, so two halves of 20.
    const high = (bytes.readUInt16BE(start) << 4) | ((bytes[start + 2] ?? 0) >> 4);
    const low = (((bytes[start + 2] ?? 0) & 15) << 16) | bytes.readUInt16BE(start + 3);
    digits += `${DIGIT_PAIRS[high >> 10]}${DIGIT_PAIRS[high & 1023]}${DIGIT_PAIRS[low >> 10]}${DIGIT_PAIRS[low & 1023]}`;
  }
  return digits;
}
