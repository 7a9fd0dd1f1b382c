/** What the plans of both modes have in common. */

import type { Differences } from '../plan/diff.js';
import type { FamilyPlan } from '../plan/types.js';
import {
  type ChangedFragments,
  changedFragments,
  sameNodeRules,
} from '../ruleset/changed-fragments.js';
import type { Ruleset } from '../ruleset/types.js';

/** The plan with these differences, to be carried out at once unless `rest` has a `base`. */
export function familyPlan(
  { family, backend }: Pick<FamilyPlan, 'family' | 'backend'>,
  { changes, comments }: Differences,
  rest: Partial<Pick<FamilyPlan, 'base' | 'leftovers' | 'uncommented' | 'pinned'>> = {},
): FamilyPlan {
  const none = { leftovers: [], uncommented: [], pinned: [] };
  return { family, backend, base: '', changes, comments, ...none, ...rest };
}

/** Above this share of changed fragments, comparing whole Rulesets is as cheap. */
const WHOLE_SHARE = 0.25;

/**
 * The fragments of Services that differ, where nothing else differs and they are few; `undefined`
 * where the whole Rulesets are to be compared.
 */
export function fewChanges(before: Ruleset, after: Ruleset): ChangedFragments | undefined {
  if (!sameNodeRules(before, after)) return undefined;
  const changed = changedFragments(before, after);
  const many = WHOLE_SHARE * Math.max(before.ports.length, after.ports.length);
  return changed.removed.length + changed.added.length > many ? undefined : changed;
}
