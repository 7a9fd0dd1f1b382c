/** Finds where two lists differ that share most of their items. */

/** How many items two lists have in common at the start, and of the rest at the end. */
export interface CommonEnds {
  readonly start: number;
  readonly end: number;
}

/** The common ends of two lists by identity; they never overlap in either list. */
export function commonEnds<T>(a: readonly T[], b: readonly T[]): CommonEnds {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return { start, end };
}
