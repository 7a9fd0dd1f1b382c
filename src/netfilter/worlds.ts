/**
 * The ways in which what is left open can turn out: which of the packets it is, and which of the
 * conditions that nobody understands hold. In each of them shares add up to one.
 */

import type { Assumption, Flow } from './flow.js';
import { type Fraction, NONE, plus } from './fraction.js';
import {
  contains,
  difference,
  type Intervals,
  intersection,
  sameIntervals,
  union,
} from './intervals.js';
import { FIELDS, type FieldName, type Region } from './region.js';

export interface World {
  /** Packets that no flow tells apart. */
  readonly region: Region;
  readonly assumptions: readonly Assumption[];
}

/** What places a flow in worlds. */
export type Placed = Pick<Flow, 'region' | 'assumptions'>;

/** Beyond that many nothing can be said in reasonable time. */
const MAX_WORLDS = 20_000;

/**
 * All worlds of some flows, each with packets in it; `undefined` where there are too many to tell.
 * Flows that began in one region cover it.
 */
export function worldsOf(flows: readonly Placed[]): readonly World[] | undefined {
  const [first] = flows;
  if (first === undefined) return [];
  let worlds: readonly World[] = [{ region: first.region, assumptions: [] }];
  for (const field of FIELDS) {
    const pieces = piecesOf(flows, field);
    if (worlds.length * pieces.length > MAX_WORLDS) return undefined;
    worlds = worlds.flatMap(({ region }) =>
      pieces.map((piece) => ({ region: { ...region, [field]: piece }, assumptions: [] })),
    );
  }
  const assumed = new Map(
    flows.flatMap(({ assumptions }) =>
      assumptions.map(({ text, occurs }) => [text, occurs] as const),
    ),
  );
  for (const [text, occurs] of assumed) {
    if (worlds.length * 2 > MAX_WORLDS) return undefined;
    worlds = worlds.flatMap(({ region, assumptions }) =>
      [true, false].map((holds) => ({
        region,
        assumptions: [...assumptions, { text, holds, occurs }],
      })),
    );
  }
  return worlds;
}

/** The values of a field that all flows are in together or not at all. */
function piecesOf(flows: readonly Placed[], field: FieldName): readonly Intervals[] {
  const sets: Intervals[] = [];
  for (const { region } of flows)
    if (!sets.some((known) => sameIntervals(known, region[field]))) sets.push(region[field]);
  if (sets.length === 1) return sets;
  let pieces: readonly Intervals[] = [union(sets)];
  for (const set of sets)
    pieces = pieces
      .flatMap((piece) => [intersection(piece, set), difference(piece, set)])
      .filter(({ length }) => length > 0);
  return pieces;
}

/** Whether a flow is among those of a world. */
function isIn({ region, assumptions }: Placed, world: World): boolean {
  return (
    FIELDS.every((field) => {
      const [point] = world.region[field];
      return point !== undefined && contains(region[field], point);
    }) &&
    assumptions.every(({ text, holds }) =>
      world.assumptions.every((other) => other.text !== text || other.holds === holds),
    )
  );
}

/** What each kind of outcome gets in a world. */
export function distributionIn<T extends Placed & { readonly share: Fraction }>(
  world: World,
  flows: readonly (readonly [kind: string, flow: T])[],
): ReadonlyMap<string, Fraction> {
  const found = new Map<string, Fraction>();
  for (const [kind, flow] of flows)
    if (isIn(flow, world)) found.set(kind, plus(found.get(kind) ?? NONE, flow.share));
  return found;
}
