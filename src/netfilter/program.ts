/**
 * The rules of one family as the kernel runs them: hooks, base chains in order of priority, chains,
 * sets and maps.
 */

import type { Rule, Verdict } from './rule.js';

/** Where the kernel hands a packet to rules. */
export type Hook =
  | 'ingress'
  | 'prerouting'
  | 'input'
  | 'forward'
  | 'output'
  | 'postrouting'
  | 'egress';

/** A chain that a hook calls. */
export interface BaseChain {
  readonly hook: Hook;
  /** Lower ones run first: -300 raw, -150 mangle, -100 dstnat, 0 filter, 100 srcnat. */
  readonly priority: number;
  /** `filter`, `nat` or `route`. */
  readonly type: string;
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

/** What an element of a map leads to: a verdict, or data such as an address as text. */
export type MapValue = Verdict | { readonly kind: 'data'; readonly text: string };

/** A named set or map; a key is the text of its fields, joined by ` . `. */
export interface NamedSet {
  readonly table: string;
  readonly name: string;
  /** Elements with what they lead to; `undefined` for those of a set. */
  readonly elements: ReadonlyMap<string, MapValue | undefined>;
}

export interface Program {
  /** The base chains of each hook, in the order in which the kernel runs them. */
  readonly hooks: ReadonlyMap<Hook, readonly Chain[]>;
  /** By `table chain`. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** By `table name`. */
  readonly sets: ReadonlyMap<string, NamedSet>;
}

/** The program of these chains and sets. Of equal priorities the first given runs first. */
export function programOf(chains: readonly Chain[], sets: readonly NamedSet[]): Program {
  const hooks = new Map<Hook, Chain[]>();
  for (const chain of chains) {
    if (chain.base === undefined) continue;
    const known = hooks.get(chain.base.hook);
    if (known === undefined) hooks.set(chain.base.hook, [chain]);
    else known.push(chain);
  }
  for (const list of hooks.values())
    list.sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
  return {
    hooks,
    chains: new Map(chains.map((chain) => [`${chain.table} ${chain.name}`, chain])),
    sets: new Map(sets.map((set) => [`${set.table} ${set.name}`, set])),
  };
}
