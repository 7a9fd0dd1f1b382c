/** The kinds of senders that a Service treats differently. */

import type { LocalDetector, NodeContext } from '../model/types.js';
import { difference, type Intervals, intersection } from '../netfilter/intervals.js';
import { everything, network, prefixed, type Region, word } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';

export interface Sender {
  readonly name: string;
  readonly start: 'prerouting' | 'output';
  /** Their packets, wherever they go. */
  readonly region: Region;
  /** Whether the local detector calls them pods of this node. */
  readonly isPod: boolean;
  /** Whether this node itself sends. */
  readonly isNode: boolean;
}

/**
 * Everybody who can send a packet that this machine meets. What arrives never has an address of the
 * machine as its source: the kernel drops it as a martian.
 */
export function sendersOf(
  { family, localDetector }: Pick<NodeContext, 'family' | 'localDetector'>,
  machine: Machine,
): readonly Sender[] {
  const all = everything(family);
  const arriving = { ...all, saddr: difference(all.saddr, machine.local) };
  const sent = { ...all, saddr: machine.local, iif: word('') };
  return [
    ...split(arriving, localDetector).map(
      ({ region, isPod }): Sender => ({
        ...{ start: 'prerouting', region, isPod, isNode: false },
        name: isPod
          ? 'pods of this node'
          : localDetector.kind === 'none'
            ? 'everybody else'
            : 'all others',
      }),
    ),
    ...split(sent, localDetector).map(
      ({ region, isPod }): Sender => ({
        ...{ start: 'output', region, isPod, isNode: true },
        name: isPod ? 'this node, from an address of pods' : 'this node',
      }),
    ),
  ];
}

interface Half {
  readonly region: Region;
  readonly isPod: boolean;
}

function split(region: Region, detector: LocalDetector): readonly Half[] {
  switch (detector.kind) {
    case 'none':
      return [{ region, isPod: false }];
    case 'source':
      return halves(region, 'saddr', network(detector.cidr));
    case 'interface':
      return halves(region, 'iif', word(detector.name));
    case 'interface-prefix':
      return halves(region, 'iif', prefixed(detector.prefix));
  }
}

function halves(region: Region, field: 'saddr' | 'iif', set: Intervals): readonly Half[] {
  const pods = intersection(region[field], set);
  const others = difference(region[field], set);
  return [
    ...(pods.length === 0 ? [] : [{ region: { ...region, [field]: pods }, isPod: true }]),
    ...(others.length === 0 ? [] : [{ region: { ...region, [field]: others }, isPod: false }]),
  ];
}
