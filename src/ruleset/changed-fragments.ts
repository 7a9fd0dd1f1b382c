/** Finds the fragments in which two Rulesets differ, at the cost of the change. */

import { commonEnds } from '../shared-ends.js';
import type { Fragment, Ruleset } from './types.js';

export interface ChangedFragments {
  /** Those before that are not there after. */
  readonly removed: readonly Fragment[];
  /** Those after that were not there before. */
  readonly added: readonly Fragment[];
}

/**
 * The fragments of Service ports, one or several, that only one of the Rulesets holds: compared by
 * identity, so that one change among ten thousand leaves next to nothing to compare, then by text.
 */
export function changedFragments(before: Ruleset, after: Ruleset): ChangedFragments {
  const shared = changedIn(before.shared, after.shared);
  const ports = changedIn(before.ports, after.ports);
  return {
    removed: [...shared.removed, ...ports.removed],
    added: [...shared.added, ...ports.added],
  };
}

/** Whether the rules of every node are the same. */
export function sameNodeRules(before: Ruleset, after: Ruleset): boolean {
  return same(before.frame, after.frame) && same(before.tail, after.tail);
}

function same(a: Fragment, b: Fragment): boolean {
  return a === b || a.text === b.text;
}

function changedIn(before: readonly Fragment[], after: readonly Fragment[]): ChangedFragments {
  const { start, end } = commonEnds(before, after);
  const old = before.slice(start, before.length - end);
  const fresh = after.slice(start, after.length - end);
  return { removed: without(old, fresh), added: without(fresh, old) };
}

/** The fragments of `list` that `other` does not hold, by identity, else by text. */
function without(list: readonly Fragment[], other: readonly Fragment[]): readonly Fragment[] {
  const identical = new Set(other);
  const rest = list.filter((fragment) => !identical.has(fragment));
  if (rest.length === 0) return rest;
  const texts = new Set(other.map((fragment) => fragment.text));
  return rest.filter((fragment) => !texts.has(fragment.text));
}
