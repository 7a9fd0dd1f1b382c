/** What a look at the kernel is given, and what it gives back. */

import type { Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { ChainChange } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { Tools } from '../kernel.js';

/** One family of one kernel, and what it should hold. */
export interface Target {
  readonly host: Host;
  readonly family: Family;
  readonly tools: Tools;
  readonly ruleset: Ruleset;
  readonly signal?: AbortSignal;
}

/** One chain of a fragment that is not as it should be. */
export interface OwnChange {
  readonly fragment: Fragment;
  readonly change: ChainChange;
}

/**
 * How the kernel is looked at in one mode. All of them throw what reading throws (ToolError, TimeoutError, ParseError, …)
 * where the tools do not tell all: what was not seen is not missing.
 */
export interface KernelChecker {
  /** What every node has, with the lines of all Services in it. */
  readonly quick: (target: Target) => Promise<readonly ChainChange[]>;
  /** Some chains of Services, further ones with every call; `undefined` where reading one costs as much as reading all. */
  readonly some: (target: Target) => Promise<readonly ChainChange[] | undefined>;
  /** Every chain that {@link quick} does not read, given to `found` one by one. Lets others work meanwhile. */
  readonly every: (target: Target, found: (change: OwnChange) => void) => Promise<void>;
}

/** A chain that is missing, or with `''` a table; nobody asks which rules are missing with it. */
export function creation(table: string, chain: string, origin: string): ChainChange {
  return { table, chain, origin, action: 'create', rules: [], lines: [] };
}

/** Milliseconds of work after which others get a turn. */
const TURN = 5;

/** Lets the event loop go round now and then. */
export class Turns {
  #since = performance.now();

  /** To be awaited between pieces of work. */
  async next(): Promise<void> {
    if (performance.now() - this.#since < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}
