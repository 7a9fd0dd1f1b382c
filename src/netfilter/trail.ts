/**
 * Records the comparisons that a walk through a chain made. Where each had one result for all
 * packets of a flow, packets with the same results take the same way: the walk can be cached.
 */

import { difference, type Intervals, intersection } from './intervals.js';
import type { NamedSet } from './program.js';
import type { FieldName } from './region.js';

/** Allowed values by field; a field that is absent may have any. */
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
