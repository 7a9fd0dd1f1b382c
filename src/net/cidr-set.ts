/** Sets of networks. */

import { type Cidr, cidrFamily, cidrParts } from './cidr.js';
import { addressBits, type Family, familyOf, type Ip, ipFromBigInt, ipToBigInt } from './ip.js';

/** First and last address as numbers. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The fewest networks that hold the same addresses, in numeric order: what nft keeps of a set of
 * networks of one family. Neighbours become one network where they fill it, a network inside
 * another goes.
 */
export function mergeCidrs(cidrs: readonly Cidr[]): readonly Cidr[] {
  const family = cidrs[0] === undefined ? 'IPv4' : cidrFamily(cidrs[0]);
  const ranges = cidrs.map(rangeOf).sort((a, b) => (a.first < b.first ? -1 : 1));
  const merged: Range[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last === undefined || range.first > last.last + 1n) merged.push(range);
    else if (range.last > last.last) merged.splice(-1, 1, { first: last.first, last: range.last });
  }
  return merged.flatMap((range) => networksOf(range, family));
}

/**
 * The fewest networks that hold the addresses from one to another of the same family; none where
 * the range runs backwards.
 */
export function networksBetween(first: Ip, last: Ip): readonly Cidr[] {
  return networksOf({ first: ipToBigInt(first), last: ipToBigInt(last) }, familyOf(first));
}

function rangeOf(cidr: Cidr): Range {
  const { ip, bits } = cidrParts(cidr);
  const first = ipToBigInt(ip);
  return { first, last: first + (1n << BigInt(addressBits(cidrFamily(cidr)) - bits)) - 1n };
}

/** From the start of the range, always the largest network that begins there and fits. */
function networksOf({ first, last }: Range, family: Family): readonly Cidr[] {
  const networks: Cidr[] = [];
  let start = first;
  while (start <= last) {
    let hostBits = 0n;
    while (hostBits < BigInt(addressBits(family)) && fits(start, hostBits + 1n, last)) hostBits++;
    networks.push(
      `${ipFromBigInt(start, family)}/${BigInt(addressBits(family)) - hostBits}` as Cidr,
    );
    start += 1n << hostBits;
  }
  return networks;
}

function fits(start: bigint, hostBits: bigint, last: bigint): boolean {
  const size = 1n << hostBits;
  return start % size === 0n && start + size - 1n <= last;
}
