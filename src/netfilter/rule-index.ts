/**
 * An index of rules by address and port, so that packets meet only those that may be about them.
 */

import type { FieldTest } from './compiled-sets.js';
import { type Intervals, type Point, pairs, placesUpTo, union } from './intervals.js';
import { lazy } from './program.js';
import { type FieldName, onlyPoint, singlePoint } from './region.js';
import type { Statement } from './rule.js';
import type { Trail } from './trail.js';

type Step = FieldTest | { readonly kind: Statement['kind'] | 'elements' };

/** Whatever is asked about by address and port. */
interface Indexed {
  readonly steps: readonly Step[];
}

/** So few are tried one after the other in less time than it takes to choose. */
const MOST_UNINDEXED = 16;

/** Entries in order, those that name one address, one port or both findable by them. */
export class Index<T extends Indexed> {
  readonly entries: readonly T[];
  private readonly sorted: Sorted | undefined;

  constructor(entries: readonly T[]) {
    this.entries = entries;
    this.sorted = entries.length <= MOST_UNINDEXED ? undefined : sortedBy(entries);
  }

  /** The entries, in order, that may be about packets to these addresses and ports. */
  candidates(daddr: Intervals, dport: Intervals, trail: Trail | undefined): readonly T[] {
    if (this.sorted === undefined) return this.entries;
    const { byAddress, byPort, general } = this.sorted;
    const there = byAddress.within(daddr);
    if (trail?.isUniform) {
      byAddress.tell('daddr', daddr, trail);
      for (const one of there) one.byPort.tell('dport', dport, trail);
      byPort.tell('dport', dport, trail);
    }
    const lists = [
      ...there.flatMap((one) => [...one.byPort.within(dport), one.general]),
      ...byPort.within(dport),
      general,
    ].filter((list) => list.length > 0);
    const positions = lists.length === 1 ? lists[0] : lists.flat().sort((a, b) => a - b);
    if (positions?.length === this.entries.length) return this.entries;
    return (positions ?? []).flatMap((i) => this.entries[i] ?? []);
  }
}

/** Positions of entries by the port that each names; `general`: of those that name none. */
interface ByPort {
  readonly byPort: Points<number[]>;
  readonly general: number[];
}

/** Positions of entries by the address that each names, besides those that name none. */
interface Sorted extends ByPort {
  readonly byAddress: Points<ByPort>;
}

function sortedBy(entries: readonly Indexed[]): Sorted {
  const sorted: Sorted = { byAddress: new Points(), ...noEntries() };
  for (const [i, { steps }] of entries.entries()) {
    const daddr = namedPoint(steps, 'daddr');
    const dport = namedPoint(steps, 'dport');
    const { byPort, general } =
      daddr === undefined ? sorted : sorted.byAddress.at(daddr, noEntries);
    if (dport === undefined) general.push(i);
    else byPort.at(dport, () => []).push(i);
  }
  return sorted;
}

function noEntries(): ByPort {
  return { byPort: new Points(), general: [] };
}

/** What is known by the number that it names. */
class Points<T> {
  private readonly byPoint = new Map<Point, T>();
  /** All numbers, in rising order. */
  private readonly points = lazy(() => [...this.byPoint.keys()].sort((a, b) => (a < b ? -1 : 1)));
  private readonly all = lazy(() => union(this.points().map(singlePoint)));

  /** What a number has, made where there is nothing yet; before anything is looked up. */
  at(point: Point, make: () => T): T {
    const known = this.byPoint.get(point);
    if (known !== undefined) return known;
    const made = make();
    this.byPoint.set(point, made);
    return made;
  }

  /** What the numbers of a set have. */
  within(set: Intervals): readonly T[] {
    if (this.byPoint.size === 0) return [];
    const point = onlyPoint(set);
    const points = point === undefined ? this.pointsIn(set) : [point];
    const found: T[] = [];
    for (const one of points) {
      const here = this.byPoint.get(one);
      if (here !== undefined) found.push(here);
    }
    return found;
  }

  /** Records in a trail what the choice of a set depends on. */
  tell(field: FieldName, set: Intervals, trail: Trail): void {
    if (this.byPoint.size === 0) return;
    const named = this.pointsIn(set);
    if (named.length === 0) trail.ask(field, this.all(), false);
    else if (onlyPoint(set) !== undefined) trail.ask(field, set, true);
    else trail.fork();
  }

  private pointsIn(set: Intervals): readonly Point[] {
    const points = this.points();
    return pairs(set).flatMap(([from, to]) =>
      points.slice(placesBefore(points, from), placesBefore(points, to)),
    );
  }
}

/** How many numbers are below one. */
function placesBefore(points: readonly Point[], point: Point): number {
  const places = placesUpTo(points, point);
  return points[places - 1] === point ? places - 1 : places;
}

/** The one point that a field must have for the entry to apply. */
function namedPoint(steps: readonly Step[], field: FieldName): Point | undefined {
  for (const step of steps) {
    if (step.kind !== 'field') return undefined;
    if (step.field === field && !step.not) return onlyPoint(step.set);
  }
  return undefined;
}
