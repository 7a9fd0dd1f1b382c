/** How a backend compares the kernel with what was loaded. */

import type { Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { ChainChange } from '../../plan/types.js';
import type { Unit } from '../../plan/unit.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { Tools } from '../tools.js';

/** One family of one kernel, and what it should hold. */
export interface CheckTarget {
  readonly host: Host;
  readonly family: Family;
  readonly tools: Tools;
  readonly ruleset: Ruleset;
  readonly signal?: AbortSignal | undefined;
}

/** One chain of a fragment that is not as it should be. */
export interface OwnChange {
  readonly fragment: Fragment;
  readonly change: ChainChange;
}

/** What differs in some chains. */
export interface SomeChanges {
  readonly changes: readonly ChainChange[];
  /** Whether these are all that there are. */
  readonly isAll: boolean;
}

/**
 * Compares the kernel with the Ruleset of a target, at different costs. Each method throws what
 * reading throws (ToolError, TimeoutError, ParseError, …): what could not be read is not missing.
 */
export interface KernelChecker {
  /** Compares everything that Services share: tables, jumps, shared chains, sets and maps. */
  readonly checkShared: (target: CheckTarget) => Promise<readonly ChainChange[]>;
  /**
   * Compares some chains of Services, the next ones with every call; `undefined` where reading one
   * costs as much as reading all.
   */
  readonly checkNextChains: (target: CheckTarget) => Promise<SomeChanges | undefined>;
  /**
   * Compares every chain that {@link checkShared} does not read, and gives each difference to
   * `found`. Yields to the event loop in between.
   */
  readonly checkAll: (target: CheckTarget, found: (change: OwnChange) => void) => Promise<void>;
}

/** The change for a missing chain or table; its rules are not listed. */
export function creation({ table, kind, name }: Unit, origin: string): ChainChange {
  return { table, kind, name, origin, action: 'create', rules: [], lines: [] };
}
