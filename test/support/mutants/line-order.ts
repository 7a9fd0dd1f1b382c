/** Finds lines of a dump, and puts them in another order. */

import type { Random } from './random.js';

/** The numbers of lines that match. */
export function linesOf(lines: readonly string[], pattern: RegExp): readonly number[] {
  return lines.flatMap((line, i) => (pattern.test(line) ? [i] : []));
}

/** The lines at some places in another order. */
export function reordered(
  lines: readonly string[],
  places: readonly number[],
  random: Random,
): readonly string[] {
  const mixed = shuffled(places, random);
  const changed = [...lines];
  places.forEach((place, i) => {
    changed[place] = lines[mixed[i] ?? place] ?? '';
  });
  return changed;
}

/** The items in another order. */
export function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  const left = [...list];
  return list.map(() => left.splice(random.below(left.length), 1)[0] as T);
}
