/**
 * The rules of one family as the kernel runs them: hooks, base chains in order of priority, chains,
 * sets and maps.
 */

import type { Rule, Verdict } from './rule.js';

/** Where the kernel hands a packet to rules. */
export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A chain that a hook calls. */
export interface BaseChain {
  readonly hook: Hook;
  /** Lower ones run first: -300 raw, -150 mangle, -100 dstnat, 0 filter, 100 srcnat. */
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
  /** What happens to a packet that no rule decides about. */
  readonly policy: 'accept' | 'drop';
}

export interface Chain {
  readonly table: string;
  readonly name: string;
  /** Absent: a chain that only rules lead to. */
  readonly base?: BaseChain | undefined;
  /**
   * `namespace/name:port PROTOCOL` of the Service port that it belongs to; `''` for the node's own.
   */
  readonly origin: string;
  readonly rules: readonly Rule[];
}

/** A named set or map; a key is the text of its fields, joined by ` . `. */
export interface NamedSet {
  readonly table: string;
  readonly name: string;
  /** Elements with what they lead to; `undefined` for those of a set. */
  readonly elements: ReadonlyMap<string, Verdict | undefined>;
}

export interface Program {
  /** By `table chain`. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** By `table name`. */
  readonly sets: ReadonlyMap<string, NamedSet>;
}
