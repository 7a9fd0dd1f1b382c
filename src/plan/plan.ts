/** Everything that one apply would do to a machine, as a value that can be saved. */

import type { StaleFlow } from '../flows/stale-flows.js';
import type { BackendName } from '../ruleset/types.js';
import type { ChainChange, FamilyPlan, HostChange } from './types.js';

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
