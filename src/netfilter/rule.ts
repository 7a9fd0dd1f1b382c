/**
 * What a rule of netfilter means, whichever tool it was written for. Each backend lowers its own
 * syntax into this form (`backends/<mode>/meaning.ts`); everything that needs to know what a rule
 * does reads these values and never its text.
 *
 * What is not understood stays `unknown`: it may match or not, and may do anything. There are no
 * guesses.
 */

import type { Cidr } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';

/** One rule of one chain. */
export interface Rule {
  /**
   * In the order in which the kernel evaluates them: the first condition that fails ends the rule,
   * and so does a verdict. In iptables the matches stand before the target; nft may mix them.
   */
  readonly statements: readonly Statement[];
  /** The rule as its tool prints it; `''`: it stands for a table that the dump does not have. */
  readonly line: string;
  /** Its comment; `''`: none. */
  readonly comment: string;
  /**
   * Whether it surely matches no packet to an address, as far as that is seen without reading its
   * statements: it begins with another one. Absent: they have to be read.
   */
  readonly misses?: (address: Ip) => boolean;
}

/** A condition, or something that is done. */
export type Statement = Condition | Action;

/** A field of the packet that is compared with addresses. */
export type AddressField = 'saddr' | 'daddr';

/** Conditions. With `not`, it holds where it would not hold otherwise. */
export type Condition =
  /** The address is in one of the networks. */
  | {
      readonly kind: 'address';
      readonly field: AddressField;
      readonly not: boolean;
      readonly networks: readonly Cidr[];
    }
  /** Any of `tcp`, `udp`, `sctp`, … or a number where one has no name. */
  | { readonly kind: 'protocol'; readonly not: boolean; readonly protocols: readonly string[] }
  /** Both ends included, 0 to 65535. */
  | {
      readonly kind: 'port';
      readonly field: 'sport' | 'dport';
      readonly not: boolean;
      readonly from: number;
      readonly to: number;
    }
  /** With `prefix`, every interface whose name begins so. */
  | {
      readonly kind: 'interface';
      readonly field: 'iif' | 'oif';
      readonly not: boolean;
      readonly name: string;
      readonly prefix: boolean;
    }
  /** (mark & mask) == value. */
  | {
      readonly kind: 'mark';
      readonly not: boolean;
      readonly value: number;
      readonly mask: number;
    }
  /** (mark of the tracked connection & mask) == value. */
  | {
      readonly kind: 'connection-mark';
      readonly not: boolean;
      readonly value: number;
      readonly mask: number;
    }
  /** Of the flags `among`, in lower case, those are set that are in `set`, and no others. */
  | {
      readonly kind: 'tcp-flags';
      readonly not: boolean;
      readonly among: readonly string[];
      readonly set: readonly string[];
    }
  /**
   * Any of the states or statuses of the tracked connection, in lower case: `new`, `established`,
   * `dnat`.
   */
  | { readonly kind: 'conntrack'; readonly not: boolean; readonly states: readonly string[] }
  /** Any of the routing types of the address, in lower case: `local`, `multicast`. */
  | {
      readonly kind: 'address-type';
      readonly field: AddressField;
      readonly not: boolean;
      readonly types: readonly string[];
    }
  /** The key, made of these fields, is an element of a named set. */
  | {
      readonly kind: 'in-set';
      readonly not: boolean;
      readonly set: string;
      readonly key: readonly KeyField[];
    }
  /** The key is one of these elements, which are written as those of a named set. */
  | {
      readonly kind: 'one-of';
      readonly not: boolean;
      readonly key: readonly KeyField[];
      readonly elements: readonly string[];
    }
  /**
   * The client is in the list `name` (`xt_recent`) and was seen within `seconds` (0: no limit).
   * `set` always holds and puts it there; `update` is a check that renews its time where the
   * condition holds, with `not` where it was seen before that.
   */
  | {
      readonly kind: 'recent';
      readonly not: boolean;
      readonly op: 'check' | 'set' | 'update';
      readonly name: string;
      readonly seconds: number;
      readonly field: AddressField;
    }
  /** The source and the destination are one address; asked of packets of this family alone. */
  | { readonly kind: 'hairpin'; readonly not: boolean; readonly family: Family }
  /**
   * About the socket that a packet is sent from, in the words of its tool. What it says of the
   * machine's own packets is not known; of packets that arrive, which have none, `without`.
   */
  | { readonly kind: 'socket'; readonly without: boolean; readonly text: string }
  /** True with the probability numerator / 2^31, the kernel's own number, for any client. */
  | { readonly kind: 'random'; readonly not: boolean; readonly numerator: number }
  /** `eachChain`: it may hold in one chain and not in another, as of `limit`. */
  | {
      readonly kind: 'unknown-condition';
      readonly text: string;
      readonly not?: boolean;
      readonly eachChain?: boolean;
    };

/** A part of the key of a set or map; `state` is that of the tracked connection. */
export type KeyField = AddressField | 'protocol' | 'sport' | 'dport' | 'iif' | 'oif' | 'state';

/** Where a packet is sent: an endpoint. `port` 0: the port stays. */
export interface Destination {
  readonly ip: Ip;
  readonly port: number;
}

/** What ends the walk through a chain, or leads into another one. */
export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** What a rule does with the packets that meet its conditions. */
export type Action =
  | Verdict
  /** `with` is the tool's word for the answer: `icmp-port-unreachable`, `tcp reset`. */
  | { readonly kind: 'reject'; readonly with: string }
  | ({ readonly kind: 'dnat' } & Destination)
  /** To the machine: an address of the incoming interface, or loopback; port 0: it stays. */
  | { readonly kind: 'redirect'; readonly port: number; readonly text: string }
  /** `ports`: those that the source may get, as `1024-65535`; absent: any. */
  | { readonly kind: 'masquerade'; readonly fullyRandom: boolean; readonly ports?: string }
  /** The source becomes this address. */
  | { readonly kind: 'snat'; readonly ip: Ip; readonly fullyRandom: boolean }
  /** The mark becomes (mark & ~mask) ^ value. */
  | { readonly kind: 'set-mark'; readonly value: number; readonly mask: number }
  /** A mark becomes (the packet's & `packet`) ^ (its connection's & `connection`) ^ `value`. */
  | {
      readonly kind: 'write-mark';
      readonly of: 'packet' | 'connection';
      readonly packet: number;
      readonly connection: number;
      readonly value: number;
    }
  /** The packet belongs to no connection from here on, and is not translated. */
  | { readonly kind: 'untrack' }
  /** Draws one, each with the same chance; goes on with the chance of those that are not there. */
  | {
      readonly kind: 'choose';
      readonly choices: readonly (Verdict | ({ readonly kind: 'dnat' } & Destination))[];
      /** How many there would be; absent: as many as there are. */
      readonly numbers?: number;
    }
  /** The verdict that a named map holds for the key; goes on where it holds none. */
  | { readonly kind: 'lookup'; readonly map: string; readonly key: readonly KeyField[] }
  /** The same with a map that stands in the rule. */
  | {
      readonly kind: 'branch';
      readonly key: readonly KeyField[];
      readonly cases: readonly (readonly [element: string, verdict: Verdict])[];
    }
  /**
   * Sends to the endpoint that a named map holds for the key with a number behind it, which is
   * drawn from the `numbers` from `first` on, each with the same chance; goes on where it holds
   * none.
   */
  | {
      readonly kind: 'drawn-lookup';
      readonly map: string;
      readonly key: readonly KeyField[];
      readonly first: number;
      readonly numbers: number;
    }
  /** Puts the client into a named set; without `renews` one that is there keeps its old time. */
  | {
      readonly kind: 'remember';
      readonly set: string;
      readonly field: AddressField;
      readonly renews: boolean;
    }
  /** Counts, and does nothing to the packet; `name` is `''` for a counter of the rule itself. */
  | { readonly kind: 'count'; readonly name: string }
  | { readonly kind: 'unknown-action'; readonly text: string };
