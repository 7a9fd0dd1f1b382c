/** Packets to ports that no Service has, asked about at many addresses at once. */

import { addTo } from '../grouping.js';
import { difference, type Intervals, union } from '../netfilter/intervals.js';
import { numbers, type Region, word, words } from '../netfilter/region.js';

/** Addresses, and what becomes of packets to any port that is not taken there. */
export interface Ported {
  readonly daddr: Intervals;
  readonly frontends: readonly { readonly protocol: string; readonly number: number }[];
  /** A word for it: addresses with the same word behave alike. */
  readonly otherwise: string;
}

/** Addresses with the same ports, at which the same becomes of packets to any other. */
export interface Elsewhere {
  readonly daddr: Intervals;
  readonly otherwise: string;
  /** Taken ports by protocol. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
}

/** Most Services have one of few ports: their other ports are checked together. */
export function sameElsewhere(places: readonly Ported[]): readonly Elsewhere[] {
  const groups = new Map<string, { readonly daddrs: Intervals[] } & Omit<Elsewhere, 'daddr'>>();
  for (const { daddr, frontends, otherwise } of places) {
    const ports = takenPorts(frontends);
    const key = JSON.stringify([otherwise, [...ports].sort()]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { daddrs: [daddr], otherwise, ports });
    else known.daddrs.push(daddr);
  }
  return [...groups.values()].map(({ daddrs, ...same }) => ({ ...same, daddr: union(daddrs) }));
}

function takenPorts(frontends: Ported['frontends']): ReadonlyMap<string, readonly number[]> {
  const ports = new Map<string, number[]>();
  for (const { protocol, number } of frontends) addTo(ports, protocol, number);
  for (const taken of ports.values()) taken.sort((a, b) => a - b);
  return ports;
}

/** The packets of a region that go to these addresses, and to none of the ports taken there. */
export function* otherPorts({ daddr, ports }: Elsewhere, all: Region): Generator<Region> {
  const region: Region = { ...all, daddr };
  for (const [protocol, taken] of ports) {
    const dport = difference(region.dport, union(taken.map((port) => numbers(port, port))));
    yield { ...region, protocol: word(protocol), dport };
  }
  yield { ...region, protocol: difference(region.protocol, words([...ports.keys()])) };
}
