/** Compares lists of texts: what must go, what is there too often. */

/** Whether both hold the same texts in the same order. */
export function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}

/** The indexes of the texts that `a` holds more often than `b`, the later ones of equal texts. */
export function surplus(a: readonly string[], b: readonly string[]): readonly number[] {
  const left = new Map<string, number>();
  for (const text of b) left.set(text, (left.get(text) ?? 0) + 1);
  return a.flatMap((text, i) => {
    const n = left.get(text) ?? 0;
    if (n === 0) return i;
    left.set(text, n - 1);
    return [];
  });
}

/** Which texts of `a` must go to leave `b`, by index; `undefined` where that does not make `b`. */
export function beyond(a: readonly string[], b: readonly string[]): readonly number[] | undefined {
  let kept = 0;
  const extra = a.flatMap((text, i) => {
    if (text !== b[kept]) return i;
    kept++;
    return [];
  });
  return kept === b.length ? extra : undefined;
}
