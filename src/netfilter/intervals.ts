/**
 * Sets of points on a line: addresses and ports as numbers, names as text. Every field of a packet
 * is such a set, so that one algebra serves them all.
 */

/** A place on a line. One line holds points of one type, except that numbers mix with bigints. */
export type Point = number | bigint | string;

/**
 * The places where membership changes, in rising order: inside from the first to the second
 * (excluded), outside to the third, and so on. Of even length; empty: no point.
 */
export type Intervals = readonly Point[];

export const EMPTY: Intervals = [];

/** Whether the point is in the set. */
export function contains(set: Intervals, point: Point): boolean {
  return placesUpTo(set, point) % 2 === 1;
}

/**
 * What is in both, as a new list only where it is neither of them. Costs the smaller one times the
 * logarithm of the larger one.
 */
export function intersection(a: Intervals, b: Intervals): Intervals {
  const few = a.length <= b.length ? a : b;
  const many = few === a ? b : a;
  // Mostly one is within the other, and no new list is needed.
  if (a === b || isWithin(few, many)) return few;
  const out: Point[] = [];
  for (let i = 0; i + 1 < few.length; i += 2) {
    const from = few[i];
    const to = few[i + 1];
    if (from !== undefined && to !== undefined) addPart(many, from, to, out);
  }
  return out;
}

/** Appends what a set has between two places. */
function addPart(set: Intervals, from: Point, to: Point, out: Point[]): void {
  let i = placesUpTo(set, from);
  if (i % 2 === 1) out.push(from);
  for (let place = set[i]; place !== undefined && isBefore(place, to); place = set[++i])
    out.push(place);
  if (i % 2 === 1) out.push(to);
}

/** What is in the first and not in the second. */
export function difference(a: Intervals, b: Intervals): Intervals {
  const [start, end] = [a[0], a.at(-1)];
  if (start === undefined || end === undefined) return EMPTY;
  const between: Point[] = [];
  addPart(b, start, end, between);
  return intersection(a, toggled(between, start, end));
}

/** The other points between two places, both of which bound the set. */
function toggled(set: readonly Point[], start: Point, end: Point): Intervals {
  const head = set[0] === start ? set.slice(1) : [start, ...set];
  return head.at(-1) === end ? head.slice(0, -1) : [...head, end];
}

/** What is in any of the sets. */
export function union(sets: readonly Intervals[]): Intervals {
  const out: Point[] = [];
  for (const pair of sortedPairs(sets)) {
    const [from, to] = [pair[0], pair[1]];
    const last = out[out.length - 1];
    if (last === undefined || isBefore(last, from)) out.push(from, to);
    else if (isBefore(last, to)) out[out.length - 1] = to;
  }
  return out;
}

/** Whether no point is in two of the sets. */
export function areApart(sets: readonly Intervals[]): boolean {
  return sortedPairs(sets).every(([from], i, all) => {
    const before = all[i - 1];
    return before === undefined || !isBefore(from, before[1]);
  });
}

function sortedPairs(sets: readonly Intervals[]): readonly (readonly [from: Point, to: Point])[] {
  // Taking pairs apart would be most of the time that many of them take.
  return sets
    .flatMap((set) => pairs(set))
    .sort((a, b) => (a[0] === b[0] ? 0 : isBefore(a[0], b[0]) ? -1 : 1));
}

/** The intervals one by one: where each begins, and where it ends (excluded). */
export function pairs(set: Intervals): readonly (readonly [from: Point, to: Point])[] {
  const found: (readonly [Point, Point])[] = [];
  for (let i = 0; i + 1 < set.length; i += 2) {
    const [from, to] = [set[i], set[i + 1]];
    if (from !== undefined && to !== undefined) found.push([from, to]);
  }
  return found;
}

/** Whether both hold the same points. */
export function sameIntervals(a: Intervals, b: Intervals): boolean {
  return a === b || (a.length === b.length && a.every((place, i) => place === b[i]));
}

/** Whether all points of the first set are in the second. */
export function isWithin(a: Intervals, b: Intervals): boolean {
  for (let i = 0; i + 1 < a.length; i += 2) {
    const from = a[i];
    const to = a[i + 1];
    if (from === undefined || to === undefined) return false;
    const at = placesUpTo(b, from);
    const end = b[at];
    if (at % 2 === 0 || end === undefined || isBefore(end, to)) return false;
  }
  return true;
}

/** How many places, which rise, are at or before a point. */
export function placesUpTo(set: readonly Point[], point: Point): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = set[middle];
    if (place !== undefined && !isBefore(point, place)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Points of one line are of one type, which the compiler cannot know. */
function isBefore(a: Point, b: Point): boolean {
  return (a as number) < (b as number);
}
