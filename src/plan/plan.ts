/** Everything that one apply would do to a machine, as a value that can be saved. */

import type { StaleFlow } from '../flows/stale-flows.js';
import type { BackendName } from '../ruleset/types.js';
import type { ChainChange, FamilyPlan, HostChange, RuleChange } from './types.js';

/** Everything an apply would do. JSON keeps all of it. */
export interface Plan {
  readonly version: 2;
  readonly backend: BackendName;
  /** The variant of iptables that the plan was made from, and must be carried out with. */
  readonly variant: 'nf_tables' | 'legacy';
  /** At most one per family. */
  readonly families: readonly FamilyPlan[];
  readonly host: readonly HostChange[];
  /** Shown before, deleted after the rules are loaded. */
  readonly flows: readonly StaleFlow[];
}

/** Everything that an apply changes, whether or not it counts as a difference. */
export function allChanges(plan: FamilyPlan): readonly ChainChange[] {
  return [...plan.changes, ...plan.uncommented, ...plan.leftovers];
}

/**
 * Whether the plan would change anything that counts as a difference: leftovers, comments and flows
 * do not.
 */
export function isEmptyPlan(plan: Plan): boolean {
  return plan.host.length === 0 && plan.families.every(({ changes }) => changes.length === 0);
}

/** The lines that a change adds (`add`) or takes away (`remove`), in the order of the change. */
export function changedLines({ rules }: ChainChange, op: RuleChange['op']): readonly string[] {
  return rules.filter((rule) => rule.op === op).map(({ line }) => line);
}

/** All that the chain holds after a creation or a rewrite; empty for other changes. */
export function wholeLines(change: ChainChange): readonly string[] {
  return change.action === 'create' || change.action === 'rewrite' ? change.lines : [];
}

/** The precondition of a change as a list of no or one line. */
export function guardLines(change: ChainChange): readonly string[] {
  const guarded = change.action === 'rewrite' || change.action === 'delete';
  return guarded && change.guard !== undefined ? [change.guard] : [];
}

/** The change without its precondition. */
export function withoutGuard(change: ChainChange): ChainChange {
  if (change.action !== 'rewrite' && change.action !== 'delete') return change;
  const { guard, ...unguarded } = change;
  return unguarded;
}
