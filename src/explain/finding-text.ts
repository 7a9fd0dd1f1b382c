/** Findings in words, with a packet that shows them. */

import { inetNtop, joinHostPort } from '../net/ip.js';
import { type Fraction, fractionText } from '../netfilter/fraction.js';
import { addressAt, type Region } from '../netfilter/region.js';
import type { Finding } from './verify.js';

/** `shop/web TCP, cluster IP 10.96.0.1:80, from pods of this node: promised …, found …`. */
export function findingText({ promised, region, expected, found, kind, client }: Finding): string {
  const { origin, what, sender } = promised;
  const subject = origin === '' ? what : `${origin}, ${what}`;
  const again = client.size === 0 ? '' : ', again';
  return `${kind}: ${subject}, from ${sender.name}${again}: ${packetText(region)}: promised ${sharesText(expected)}, found ${sharesText(found)}`;
}

/** One packet of a region. */
export function packetText({ saddr, daddr, protocol, dport, iif, state, age }: Region): string {
  const from = inetNtop(addressAt(saddr[0] ?? 0));
  const to = joinHostPort(inetNtop(addressAt(daddr[0] ?? 0)), Number(dport[0]));
  return `${protocol[0] === '' ? 'any' : protocol[0]} ${from} -> ${to} iif ${iif[0]} state ${state[0]} age ${age[0]}`;
}

function sharesText(shares: ReadonlyMap<string, Fraction>): string {
  return [...shares].map(([fate, share]) => `${fate} (${fractionText(share)})`).join(', ');
}
