/** Comparisons of the lists and maps that rulesets, dumps and plans are made of. */

/** Whether both lists hold equal (`===`) items in the same order. */
export function equalLists<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** Whether both maps have the same keys with equal values, in any order. */
export function equalMaps<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  equal: (a: T, b: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

/**
 * `a` minus `b` as multisets: the indexes in `a` of what is left. Of equal items the later ones
 * are.
 */
export function multisetDifference(a: readonly string[], b: readonly string[]): readonly number[] {
  const left = new Map<string, number>();
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1);
  return a.flatMap((item, i) => {
    const n = left.get(item) ?? 0;
    if (n === 0) return i;
    left.set(item, n - 1);
    return [];
  });
}

/**
 * The indexes of the items to delete from `a` to get `b`; `undefined` where `b` is no subsequence
 * of `a`.
 */
export function extraItems(
  a: readonly string[],
  b: readonly string[],
): readonly number[] | undefined {
  let kept = 0;
  const extra = a.flatMap((item, i) => {
    if (item !== b[kept]) return i;
    kept++;
    return [];
  });
  return kept === b.length ? extra : undefined;
}

/** Adds items to a list. A spread would overflow the stack with more than some 120,000. */
export function append<T>(list: T[], items: readonly T[]): void {
  for (const item of items) list.push(item);
}
