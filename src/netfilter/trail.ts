/**
 * What was asked on the way through a chain. Where every question had one answer for all packets of
 * a flow, other packets with the same answers go the same way, and need not be followed.
 */

import { difference, type Intervals, intersection } from './intervals.js';
import type { NamedSet } from './program.js';
import type { FieldName } from './region.js';

/** The values that some fields must have; any, of the others. */
export type FieldBounds = Partial<Readonly<Record<FieldName, Intervals>>>;

/** A set of one field of which packets matched elements. */
export interface MatchedSet {
  readonly set: NamedSet;
  readonly field: FieldName;
}

export class Trail {
  private readonly asked: (readonly [FieldName, Intervals, holds: boolean])[] = [];
  private readonly matches: MatchedSet[] = [];
  private uniform = true;

  /** Whether all packets went one way, which does not depend on chance or on the client. */
  get isUniform(): boolean {
    return this.uniform;
  }

  /** A field was compared with a set, and of all packets it was in the set, or of none. */
  ask(field: FieldName, set: Intervals, holds: boolean): void {
    if (this.uniform) this.asked.push([field, set, holds]);
  }

  /** All packets matched elements of a set of this field. */
  match(set: NamedSet, field: FieldName): void {
    if (this.uniform) this.matches.push({ set, field });
  }

  /** The sets of one field that all packets matched. */
  get matchedSets(): readonly MatchedSet[] {
    return this.matches;
  }

  /** Packets go different ways, or their way depends on more than their fields and mark. */
  fork(): void {
    this.uniform = false;
  }

  /** The packets that get the same answers, out of all. */
  bounds(all: Readonly<Record<FieldName, Intervals>>): FieldBounds {
    const bounds: Partial<Record<FieldName, Intervals>> = {};
    for (const [field, set, holds] of this.asked) {
      const known = bounds[field] ?? all[field];
      bounds[field] = holds ? intersection(known, set) : difference(known, set);
    }
    return bounds;
  }
}
