/**
 * What a rule of nft can mean, as far as kube-proxy's rules go; everything else is kept as it was
 * read.
 */

import type { Cidr } from '../../../net/cidr.js';
import type { Ip } from '../../../net/ip.js';

/** Family of the headers that a rule looks at. */
export type IpWord = 'ip' | 'ip6';
export type Side = 'saddr' | 'daddr';

/** A field of a packet; several together make the key of a set. */
export type Field =
  | { readonly kind: 'address'; readonly ip: IpWord; readonly side: Side }
  | { readonly kind: 'l4proto' }
  /** Absent `protocol`: of any that has ports. */
  | { readonly kind: 'dport'; readonly protocol?: PortProtocol };

/** nft looks for a port of one of them only in packets of that protocol. */
export type PortProtocol = 'tcp' | 'udp' | 'sctp';

/** What ends the walk through a chain. */
export type NftVerdict =
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'drop' | 'accept' | 'return' };

/** Compares an address with networks: merged, in numeric order, at least one. */
export interface NetworksMatch {
  readonly kind: 'networks';
  readonly ip: IpWord;
  readonly side: Side;
  readonly not: boolean;
  readonly networks: readonly Cidr[];
}

/** Looks for the fields in a named set. */
export interface SetMatch {
  readonly kind: 'in-set';
  readonly fields: readonly Field[];
  readonly not: boolean;
  readonly set: string;
}

export interface InterfaceMatch {
  readonly kind: 'interface';
  /** By its name, or by the number that it had when the rule was loaded. */
  readonly by: 'iifname' | 'iif';
  readonly not: boolean;
  /** With `*` at the end: a prefix. */
  readonly name: string;
}

/** `ct state new`, `ct status dnat`: any of the words. */
export interface ConntrackMatch {
  readonly kind: 'conntrack';
  readonly key: 'state' | 'status';
  readonly words: readonly string[];
}

/** `fib daddr type local`. */
export interface FibMatch {
  readonly kind: 'fib';
  readonly side: Side;
  readonly not: boolean;
  readonly type: string;
}

/** Compares some bits of the mark. */
export interface MarkMatch {
  readonly kind: 'mark';
  readonly mask: number;
  readonly not: boolean;
  readonly value: number;
}

/** Any of the protocols, in the order in which they were read. */
export interface ProtocolMatch {
  readonly kind: 'protocol';
  readonly not: boolean;
  readonly protocols: readonly string[];
}

/** Compares the destination port of one protocol. */
export interface PortMatch {
  readonly kind: 'port';
  readonly protocol: PortProtocol;
  readonly port: number;
}

/** Changes the mark. */
export interface MarkChange {
  readonly kind: 'set-mark';
  readonly operator: 'and' | 'or' | 'xor';
  readonly value: number;
}

/** Looks the verdict up in a named map. */
export interface VerdictMap {
  readonly kind: 'verdict-map';
  readonly fields: readonly Field[];
  readonly map: string;
}

/** Numbers that a draw has something for, in their order, where these are not all of them. */
export interface Draw {
  /** Each of the `size` numbers from `first` on is as likely; the others are never drawn. */
  readonly numbers: readonly number[];
  readonly first: number;
  readonly size: number;
}

/** Draws one of the verdicts, each as likely. */
export interface RandomVerdict {
  readonly kind: 'random-verdict';
  readonly choices: readonly NftVerdict[];
  /** Absent: from 0 on, and no more numbers are drawn. */
  readonly draw?: Draw;
}

/** An endpoint that a packet is translated to. */
export interface DnatTarget {
  readonly ip: Ip;
  readonly port: number;
}

/** Draws one of the endpoints and translates the packet to it. */
export interface RandomDnat {
  readonly kind: 'random-dnat';
  readonly ip: IpWord;
  readonly targets: readonly DnatTarget[];
  /** Absent: from 0 on, and no more numbers are drawn. */
  readonly draw?: Draw;
}

/**
 * Translates the packet to the endpoint that a named map holds for the fields, with a number behind
 * them that is drawn from those below `size`.
 */
export interface MapDnat {
  readonly kind: 'map-dnat';
  readonly ip: IpWord;
  readonly fields: readonly Field[];
  readonly first: number;
  readonly size: number;
  readonly map: string;
}

/** Puts the packet's address into a set, or renews it there. */
export interface SetUpdate {
  readonly kind: 'update';
  readonly operator: 'update' | 'add';
  readonly set: string;
  readonly field: Field;
}

export interface Reject {
  readonly kind: 'reject';
  /** `''`: the default of the table's family, port unreachable. */
  readonly with: string;
}

/** The numbers of a counter are no part of a rule. */
export interface Counter {
  readonly kind: 'counter';
  /** Of an object of the table; `''`: the rule's own. */
  readonly name: string;
}

/** Words of nft that are not understood, or `json {…}` where nft printed them as JSON. */
export interface UnknownStatement {
  readonly kind: 'unknown';
  readonly text: string;
}

/** One part of a rule: a condition or something that is done. */
export type NftStatement =
  | NetworksMatch
  | SetMatch
  | InterfaceMatch
  | ConntrackMatch
  | FibMatch
  | MarkMatch
  | ProtocolMatch
  | PortMatch
  | MarkChange
  | NftVerdict
  | Reject
  | VerdictMap
  | RandomVerdict
  | (DnatTarget & { readonly kind: 'dnat' })
  | RandomDnat
  | MapDnat
  /** `ports`: `1024` or `1024-65535`; `''`: any. */
  | { readonly kind: 'masquerade'; readonly ports: string; readonly flags: readonly string[] }
  | SetUpdate
  | Counter
  | UnknownStatement;

/** One rule of one chain. */
export interface NftRule {
  /** `ip kube-proxy`: family and name. */
  readonly table: string;
  readonly chain: string;
  readonly statements: readonly NftStatement[];
  /** `''`: none. */
  readonly comment: string;
}
