/** Which rules, and which elements of sets and maps, packets have matched. */

import { getOrInsert } from '../grouping.js';
import { type Intervals, union } from './intervals.js';
import type { Chain, NamedSet } from './program.js';
import type { FieldName } from './region.js';

/** A chain with its rules, or a set or map with its elements: matches are counted for each. */
export type CountedUnit = Chain | NamedSet;

/** Filled by walks through one program. */
export class Usage {
  /** One byte for each part of the units that packets reached: 1 is matched. */
  private parts = new Uint8Array(1024);
  private readonly numbers = new Map<CountedUnit, number>();
  /** Where the parts of each unit begin, by its number, and where the next ones will. */
  private readonly starts = [0];
  private readonly values = new Map<NamedSet, Map<FieldName, Set<Intervals>>>();

  /** Packets reach a unit with so many parts. Returns the place of the first of them. */
  enter(unit: CountedUnit, count: number): number {
    const known = this.numbers.get(unit);
    if (known !== undefined) return this.starts[known] ?? 0;
    const start = this.starts.at(-1) ?? 0;
    const end = start + count;
    this.numbers.set(unit, this.numbers.size);
    this.starts.push(end);
    if (end > this.parts.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.parts);
      this.parts = grown;
    }
    return start;
  }

  /** The part at a place was matched. */
  match(place: number): void {
    this.parts[place] = 1;
  }

  /** Some elements of a set of one field were matched: those that have these values. */
  matchValues(set: NamedSet, field: FieldName, values: Intervals): void {
    const fields = getOrInsert(this.values, set, () => new Map<FieldName, Set<Intervals>>());
    getOrInsert(fields, field, () => new Set<Intervals>()).add(values);
  }

  /** Positions of the parts that no packet matched; `undefined`: no packet reached the unit. */
  unmatched(unit: CountedUnit): readonly number[] | undefined {
    const number = this.numbers.get(unit);
    if (number === undefined) return undefined;
    const [start = 0, end = 0] = this.starts.slice(number, number + 2);
    const positions: number[] = [];
    for (let place = start; place < end; place++)
      if (this.parts[place] === 0) positions.push(place - start);
    return positions;
  }

  /** The values of fields by which elements of a set were matched together. */
  matchedValues(set: NamedSet): readonly (readonly [FieldName, Intervals])[] {
    return [...(this.values.get(set) ?? [])].map(([field, sets]) => [field, union([...sets])]);
  }
}
