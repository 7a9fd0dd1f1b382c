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

/** Entries in order, those that name one address or one port findable by it. */
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
    if (trail?.isUniform) {
      byAddress.tell('daddr', daddr, trail);
      byPort.tell('dport', dport, trail);
    }
    const lists = [byAddress.within(daddr), byPort.within(dport), general].filter(
      (list) => list.length > 0,
    );
    const positions = lists.length === 1 ? lists[0] : lists.flat().sort((a, b) => a - b);
    if (positions?.length === this.entries.length) return this.entries;
    return (positions ?? []).flatMap((i) => this.entries[i] ?? []);
  }
}

/** Positions of entries by what each names first. */
interface Sorted {
  readonly byAddress: Positions;
  readonly byPort: Positions;
  readonly general: readonly number[];
}

function sortedBy(entries: readonly Indexed[]): Sorted {
  const [byAddress, byPort] = [new Positions(), new Positions()];
  const general: number[] = [];
  for (const [i, { steps }] of entries.entries()) {
    const daddr = namedPoint(steps, 'daddr');
    const dport = daddr === undefined ? namedPoint(steps, 'dport') : undefined;
    if (daddr !== undefined) byAddress.add(daddr, i);
    else if (dport !== undefined) byPort.add(dport, i);
    else general.push(i);
  }
  return { byAddress, byPort, general };
}

/** Positions by the number that each names. */
class Positions {
  private readonly byPoint = new Map<Point, number[]>();
  /** All numbers, in rising order. */
  private readonly points = lazy(() => [...this.byPoint.keys()].sort((a, b) => (a < b ? -1 : 1)));
  private readonly all = lazy(() => union(this.points().map(singlePoint)));

  add(point: Point, position: number): void {
    const known = this.byPoint.get(point);
    if (known === undefined) this.byPoint.set(point, [position]);
    else known.push(position);
  }

  /** Those whose number is in a set, in any order. */
  within(set: Intervals): readonly number[] {
    if (this.byPoint.size === 0) return [];
    const point = onlyPoint(set);
    if (point !== undefined) return this.byPoint.get(point) ?? [];
    return this.pointsIn(set).flatMap((one) => this.byPoint.get(one) ?? []);
  }

  /** Tells a trail on what the choice of a set depends. */
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
