/** Compares long lists of which nearly everything is the same. */

/** How many elements two lists have in common at their beginnings, and of the rest at their ends. */
export interface SharedEnds {
  readonly start: number;
  readonly end: number;
}

/** What both lists begin and end with, by identity; the two ends never overlap in either list. */
export function sharedEnds<T>(a: readonly T[], b: readonly T[]): SharedEnds {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}
