/** Merges networks and looks up addresses in them. */

import { type Cidr, cidrFamily, cidrParts } from './cidr.js';
import { addressBits, type Family, familyOf, type Ip, ipFromBigInt, ipToBigInt } from './ip.js';

/** First and last address as numbers. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * The fewest networks that hold the same addresses, in numeric order: what nft keeps of a set of
 * networks of one family. Adjacent networks are joined where they form one, and a network
 * inside another is dropped.
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

/** A test whether one of the networks holds an address, by binary search. */
export function cidrLookup(cidrs: readonly Cidr[]): (ip: Ip) => boolean {
  const rangesOf = (family: Family): readonly Range[] =>
    mergeCidrs(cidrs.filter((cidr) => cidrFamily(cidr) === family)).map(rangeOf);
  const families = { IPv4: rangesOf('IPv4'), IPv6: rangesOf('IPv6') };
  return (ip) => {
    const ranges = families[familyOf(ip)];
    const address = ipToBigInt(ip);
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.last ?? 0n) < address) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low];
    return range !== undefined && range.first <= address;
  };
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
