/** Splits the union of sets into pieces: each piece is inside or outside of each set as a whole. */

import { addTo } from '../grouping.js';
import type { Effort } from './effort.js';
import { EMPTY, type Intervals, type Point, pairs } from './intervals.js';

/** All points that are in exactly the same sets. */
export interface Piece {
  readonly values: Intervals;
  /** Positions of the sets that they are in. */
  readonly members: readonly number[];
}

/**
 * The pieces of the union of these sets. Where the effort is used up, some pieces are missing or
 * lack points; no point is in a wrong piece.
 */
export function piecesOf(sets: readonly Intervals[], effort: Effort): readonly Piece[] {
  const different = differentSets(sets, effort);
  const [only] = different;
  if (only !== undefined && different.length === 1)
    return [{ values: only.set, members: only.members }];
  const pieces = new Map<string, { readonly values: Point[]; readonly sets: readonly number[] }>();
  const inside = new Set<number>();
  const changes = changesOf(different.map(({ set }) => set));
  for (const [i, { place, ends, starts }] of changes.entries()) {
    for (const set of ends) inside.delete(set);
    for (const set of starts) inside.add(set);
    const next = changes[i + 1]?.place;
    if (next === undefined || inside.size === 0) continue;
    if (!effort.spend(inside.size)) break;
    const those = [...inside].sort((a, b) => a - b);
    const key = those.join();
    const known = pieces.get(key);
    if (known === undefined) pieces.set(key, { values: [place, next], sets: those });
    else append(known.values, place, next);
  }
  return [...pieces.values()].map(({ values, sets: those }) => ({
    values,
    members: those.flatMap((set) => different[set]?.members ?? []).sort((a, b) => a - b),
  }));
}

function append(values: Point[], from: Point, to: Point): void {
  if (values.at(-1) === from) values[values.length - 1] = to;
  else values.push(from, to);
}

/** A set, and its positions in the list that was given. */
interface Distinct {
  readonly set: Intervals;
  readonly members: readonly number[];
}

/** The sets without duplicates. */
function differentSets(sets: readonly Intervals[], effort: Effort): readonly Distinct[] {
  effort.spend(sets.length);
  const [first] = sets;
  if (first === undefined || sets.every((set) => set === first))
    return first === undefined ? [] : [{ set: first, members: [...sets.keys()] }];
  const bySet = grouped([...sets.entries()], ([, set]) => set);
  const distinct = [...bySet].map(([set, members]): Distinct => {
    effort.spend(set.length);
    return { set, members: members.map(([i]) => i) };
  });
  return [...grouped(distinct, ({ set }) => set.join('\n')).values()].map((same) => ({
    set: same[0]?.set ?? EMPTY,
    members: same.flatMap(({ members }) => members),
  }));
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    addTo(groups, key, item);
  }
  return groups;
}

/** A point at which sets begin or end; sets by their positions. */
interface Change {
  readonly place: Point;
  readonly ends: number[];
  readonly starts: number[];
}

/** Ordered by place. */
function changesOf(sets: readonly Intervals[]): readonly Change[] {
  const byPlace = new Map<Point, Change>();
  const at = (place: Point): Change => {
    const known = byPlace.get(place) ?? { place, ends: [], starts: [] };
    byPlace.set(place, known);
    return known;
  };
  for (const [i, set] of sets.entries())
    for (const [from, to] of pairs(set)) {
      at(from).starts.push(i);
      at(to).ends.push(i);
    }
  return [...byPlace.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
}
