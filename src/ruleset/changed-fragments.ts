/** Finds the fragments in which two Rulesets differ, at the cost of the change. */

import { sharedEnds } from './shared-ends.js';
import type { Fragment, Ruleset } from './types.js';

export interface ChangedFragments {
  /** Of the Service ports before, those that are not there after. */
  readonly gone: readonly Fragment[];
  /** The other way round. */
  readonly come: readonly Fragment[];
}

/**
 * The fragments of Service ports that only one of the Rulesets holds: looked at by identity, so that one change among
 * ten thousand leaves next to nothing to compare, then by text.
 */
export function changedFragments(before: Ruleset, after: Ruleset): ChangedFragments {
  const { start, end } = sharedEnds(before.ports, after.ports);
  const old = before.ports.slice(start, before.ports.length - end);
  const fresh = after.ports.slice(start, after.ports.length - end);
  return { gone: without(old, fresh), come: without(fresh, old) };
}

/** The fragments of `list` that `other` does not hold, by identity, else by text. */
function without(list: readonly Fragment[], other: readonly Fragment[]): readonly Fragment[] {
  const identical = new Set(other);
  const rest = list.filter((fragment) => !identical.has(fragment));
  if (rest.length === 0) return rest;
  const texts = new Set(other.map((fragment) => fragment.text));
  return rest.filter((fragment) => !texts.has(fragment.text));
}
