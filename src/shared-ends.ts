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

/**
 * The list with these items in place of `count` at an index. It is one copy: long lists are slow to
 * copy.
 */
export function spliced<T>(
  list: readonly T[],
  start: number,
  count: number,
  items: readonly T[],
): T[] {
  return items.length < MOST_ARGUMENTS
    ? list.toSpliced(start, count, ...items)
    : list.slice(0, start).concat(items, list.slice(start + count));
}

/** More could be too many for a call. */
const MOST_ARGUMENTS = 1000;
