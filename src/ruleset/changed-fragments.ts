/** Finds the fragments in which two Rulesets differ, at the cost of the change. */

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
  const [old, fresh] = middles(before.ports, after.ports);
  return { gone: without(old, fresh), come: without(fresh, old) };
}

/** Both lists between what they have in common at their beginnings and ends. */
function middles(
  a: readonly Fragment[],
  b: readonly Fragment[],
): readonly [readonly Fragment[], readonly Fragment[]] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/** The fragments of `list` that `other` does not hold, by identity, else by text. */
function without(list: readonly Fragment[], other: readonly Fragment[]): readonly Fragment[] {
  const identical = new Set(other);
  const rest = list.filter((fragment) => !identical.has(fragment));
  if (rest.length === 0) return rest;
  const texts = new Set(other.map((fragment) => fragment.text));
  return rest.filter((fragment) => !texts.has(fragment.text));
}
