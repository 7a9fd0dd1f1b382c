/**
 * What one iptables rule means, as data. {@link ./rule.ts} reads it from a line and writes it back.
 */

import type { Cidr } from '../../../net/cidr.js';
import type { RawWord } from './words.js';

/** A value that must, or with `not` must not, be met. */
export interface Negatable<T> {
  readonly not: boolean;
  readonly value: T;
}

/** A network as iptables prints it. */
export interface Network {
  /** The printed text: `10.0.0.0/8`, `::10.0.0.1/128`, `10.0.0.0/255.0.255.0`. */
  readonly text: string;
  /** Absent where the text is no CIDR: a mask with gaps, an IPv4-mapped address. */
  readonly cidr?: Cidr;
}

/** Both ends included; 0 to 65535. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A rule of one chain. An absent field matches everything. */
export interface IptablesRule {
  readonly chain: string;
  readonly source?: Negatable<Network>;
  readonly destination?: Negatable<Network>;
  /** An interface name; a `+` at the end stands for any rest. */
  readonly inInterface?: Negatable<string>;
  readonly outInterface?: Negatable<string>;
  /** `tcp`, `udp`, `sctp`, …, or the number where iptables has no name of its own. */
  readonly protocol?: Negatable<string>;
  /** In the order of the line, in which the kernel evaluates them. */
  readonly matches: readonly Match[];
  readonly target: Target;
}

export type Match =
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'conntrack'; readonly states: Negatable<readonly ConntrackState[]> }
  | { readonly kind: 'mark'; readonly not: boolean; readonly value: number; readonly mask: number }
  | {
      readonly kind: 'addrtype';
      readonly source?: Negatable<readonly string[]>;
      readonly destination?: Negatable<readonly string[]>;
    }
  | PortsMatch
  | { readonly kind: 'nfacct'; readonly name: string }
  | RecentMatch
  | RandomMatch
  /** `-m bpf`: a program that the kernel runs on the packet. */
  | { readonly kind: 'bpf'; readonly not: boolean; readonly program: string }
  | UnknownMatch;

/** `-m tcp`, `-m udp` or `-m sctp` with ports or with nothing. */
export interface PortsMatch {
  readonly kind: 'ports';
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly source?: Negatable<PortRange>;
  readonly destination?: Negatable<PortRange>;
}

/** `-m recent`: session affinity. */
export interface RecentMatch {
  readonly kind: 'recent';
  readonly action: 'set' | 'rcheck' | 'update';
  /** `! --rcheck`, and so for the other actions. */
  readonly not: boolean;
  /** 0: no limit of age. */
  readonly seconds: number;
  readonly reap: boolean;
  readonly name: string;
  /** Which bits of the address count, as an address. */
  readonly mask: string;
  readonly side: 'source' | 'destination';
}

/** `-m statistic --mode random`. */
export interface RandomMatch {
  readonly kind: 'random';
  readonly not: boolean;
  /** The kernel's number: the probability times 2^31, 0 to 2^31. */
  readonly numerator: number;
}

/** A match, or a combination of options, that this file does not describe: kept as written. */
export interface UnknownMatch {
  readonly kind: 'unknown';
  /** The name after `-m`, or the option itself (`-f`). */
  readonly name: string;
  /** All its words in order, `-m` and the name included. */
  readonly words: readonly RawWord[];
}

/** In the order in which iptables prints them. */
export const CONNTRACK_STATES = [
  'INVALID',
  'NEW',
  'RELATED',
  'ESTABLISHED',
  'UNTRACKED',
  'SNAT',
  'DNAT',
] as const;
export type ConntrackState = (typeof CONNTRACK_STATES)[number];

export type Target =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: 'ACCEPT' | 'DROP' | 'RETURN' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'reject'; readonly with: string }
  /** `address:port`, with brackets around IPv6. */
  | { readonly kind: 'dnat'; readonly to: string }
  /** The mark becomes (mark & ~mask) ^ value. */
  | { readonly kind: 'mark'; readonly value: number; readonly mask: number }
  | { readonly kind: 'masquerade'; readonly randomFully: boolean }
  /** `words` hold everything from `-j` on, as written. */
  | { readonly kind: 'unknown'; readonly name: string; readonly words: readonly RawWord[] };
