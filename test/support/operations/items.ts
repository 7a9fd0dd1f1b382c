/** Long lists for cases of growth. */

/** So many items, made by their numbers. */
export function list<T>(count: number, item: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}

/** A distinct address of 10.0.0.0/8. */
export function ip(i: number): string {
  return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}
