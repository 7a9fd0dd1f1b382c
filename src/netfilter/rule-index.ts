/**
 * An index of rules by address and port, so that packets meet only those that may be about them.
 */

import { getOrInsert } from '../grouping.js';
import type { Ip } from '../net/ip.js';
import type { FieldTest } from './compiled-sets.js';
import { contains, type Intervals, type Point, pairs, placesUpTo, union } from './intervals.js';
import { addressAt, type FieldName, onlyPoint, singlePoint } from './region.js';
import type { Statement } from './rule.js';
import type { Trail } from './trail.js';

type Step = FieldTest | { readonly kind: Statement['kind'] | 'elements' };

/** Whatever is asked about by address and port. */
interface Indexed {
  readonly steps: readonly Step[];
}

/** What is found by the packets that it may be about. */
export interface Candidates<T> {
  /** The entries, in order, that may be about packets to these addresses and ports. */
  candidates(daddr: Intervals, dport: Intervals, trail: Trail | undefined): readonly T[];
}

/** So few are tried one after the other in less time than it takes to choose. */
const MOST_UNINDEXED = 16;

/** So many questions about one address are worth no look at all entries. */
const FEW = 16;

/** Whether an entry is surely not about an address, as far as that is seen without making it. */
type Misses = (position: number, address: Ip) => boolean;

/**
 * Entries in order, those that name one address, one port or both findable by them. Of many
 * entries these are made each time that packets may be about them: kept, they would be most of the
 * memory of a walk.
 */
export class Index<T extends Indexed> implements Candidates<T> {
  readonly size: number;
  private readonly entryAt: (position: number) => T;
  private readonly misses: Misses | undefined;
  /** How often somebody asked about one address. */
  private asked = 0;
  private known: Known<T> | undefined;

  /** `entryAt` makes an entry, each time the same. */
  constructor(size: number, entryAt: (position: number) => T, misses?: Misses) {
    this.size = size;
    this.entryAt = entryAt;
    this.misses = size <= MOST_UNINDEXED ? undefined : misses;
  }

  candidates(daddr: Intervals, dport: Intervals, trail: Trail | undefined): readonly T[] {
    const { misses } = this;
    const isFirst = this.known === undefined && trail === undefined && misses !== undefined;
    const point = isFirst ? onlyPoint(daddr) : undefined;
    if (point !== undefined && misses !== undefined && this.asked++ < FEW)
      return this.about(point, dport, misses);
    this.known ??= this.read();
    const { sorted, kept } = this.known;
    if (sorted === undefined) return kept;
    const { byAddress, byPort } = sorted;
    const there = byAddress.within(daddr);
    if (trail?.isUniform) {
      byAddress.record('daddr', daddr, trail);
      for (const one of there) one.byPort.record('dport', dport, trail);
      byPort.record('dport', dport, trail);
    }
    const named = there.flatMap((one) => [...one.byPort.within(dport), one.general]);
    const positions = [...named, ...byPort.within(dport)].flat();
    return this.amongKept(positions, sorted.general, kept);
  }

  private read(): Known<T> {
    const { size, entryAt } = this;
    const sorted = size <= MOST_UNINDEXED ? undefined : sortedBy(size, entryAt);
    return { sorted, kept: (sorted?.general ?? [...Array(size).keys()]).map(entryAt) };
  }

  /** The same for one address, without making the entries that are plainly about others. */
  private about(point: Point, dport: Intervals, misses: Misses): readonly T[] {
    const address = addressAt(point);
    const found: T[] = [];
    for (let i = 0; i < this.size; i++) {
      if (misses(i, address)) continue;
      const entry = this.entryAt(i);
      const [named, port] = [namedPoint(entry.steps, 'daddr'), namedPoint(entry.steps, 'dport')];
      if ((named ?? point) === point && (port === undefined || contains(dport, port)))
        found.push(entry);
    }
    return found;
  }

  /** Entries at some positions and those that are kept, in order. */
  private amongKept(named: number[], general: readonly number[], kept: readonly T[]): readonly T[] {
    if (named.length === 0) return kept;
    const found: T[] = [];
    let next = 0;
    for (const position of named.sort((a, b) => a - b)) {
      const behind = placesUpTo(general, position);
      for (const one of kept.slice(next, behind)) found.push(one);
      found.push(this.entryAt(position));
      next = behind;
    }
    return [...found, ...kept.slice(next)];
  }
}

/** What is known of all entries. */
interface Known<T> {
  /** `undefined`: there are few. */
  readonly sorted: Sorted | undefined;
  /** All entries where they are few, else those that name neither address nor port. */
  readonly kept: readonly T[];
}

/** The same of entries that there are. */
export function indexOf<T extends Indexed>(entries: readonly T[]): Index<T> {
  return new Index(entries.length, (position) => entries[position] as T);
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

function sortedBy(size: number, entryAt: (position: number) => Indexed): Sorted {
  const sorted: Sorted = { byAddress: new Points(), ...noEntries() };
  for (let i = 0; i < size; i++) {
    const { steps } = entryAt(i);
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
  /** All numbers, in rising order; made when they are first asked for. */
  private points: readonly Point[] | undefined;
  private all: Intervals | undefined;

  /** What a number has, made where there is nothing yet; before anything is looked up. */
  at(point: Point, make: () => T): T {
    return getOrInsert(this.byPoint, point, make);
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
  record(field: FieldName, set: Intervals, trail: Trail): void {
    if (this.byPoint.size === 0) return;
    const point = onlyPoint(set);
    const isNamed = point === undefined ? this.pointsIn(set).length > 0 : this.byPoint.has(point);
    if (!isNamed) {
      this.all ??= union(this.inOrder().map(singlePoint));
      trail.ask(field, this.all, false);
    } else if (point !== undefined) trail.ask(field, set, true);
    else trail.fork();
  }

  private inOrder(): readonly Point[] {
    this.points ??= [...this.byPoint.keys()].sort((a, b) => (a < b ? -1 : 1));
    return this.points;
  }

  private pointsIn(set: Intervals): readonly Point[] {
    const points = this.inOrder();
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
