/**
 * Splits the result of a walk into cases. A case ("world") is a set of packets that every part of
 * the result treats alike, and a choice of which conditions that are not understood hold. The
 * shares of one case add up to one, which those of the whole result need not.
 */

import { Effort } from './effort.js';
import type { Assumption, Flow } from './flow.js';
import { type Fraction, NONE, plus } from './fraction.js';
import { piecesOf } from './pieces.js';
import { FIELDS, type Region } from './region.js';

/** What decides which worlds a flow is in. */
export type Placed = Pick<Flow, 'region' | 'assumptions'>;

/** A flow with the kind of its outcome, and the share of its packets that get it. */
export type Part<Kind extends string = string> = readonly [
  kind: Kind,
  flow: Placed & { readonly share: Fraction },
];

export interface World<T extends Part = Part> {
  /** Packets that every part treats alike. */
  readonly region: Region;
  /** Which conditions hold: those that its parts depend on, and all that are known to occur. */
  readonly assumptions: readonly Assumption[];
  /** What becomes of its packets. */
  readonly parts: readonly T[];
}

export interface Worlds<T extends Part = Part> {
  /** Worlds of one region follow each other, share its object, and are complete. */
  readonly worlds: readonly World<T>[];
  /** False where {@link MOST_EFFORT} was used up before all were found. */
  readonly areAll: boolean;
}

/** How many boundaries of sets, and parts, are looked at: more would take too long. */
const MOST_EFFORT = 1_000_000;
/** How much of it the first field may use, so that the others leave some worlds complete. */
const FIRST_EFFORT = MOST_EFFORT / 10;

/** The worlds of these parts, none of them empty. They cover the region that all parts began in. */
export function worldsOf<T extends Part>(parts: readonly T[]): Worlds<T> {
  const [first] = parts;
  if (first === undefined) return { worlds: [], areAll: true };
  const search = new Search<T>();
  search.split({ region: first[1].region, assumptions: [], parts }, 0);
  return search;
}

/** Splits by one field after the other, depth first, so that some worlds are found in any case. */
class Search<T extends Part> implements Worlds<T> {
  readonly worlds: World<T>[] = [];
  areAll = true;
  private readonly effort = new Effort(MOST_EFFORT);

  split(world: World<T>, depth: number): void {
    const field = FIELDS[depth];
    if (field === undefined) {
      this.add(world);
      return;
    }
    const sets = world.parts.map(([, { region }]) => region[field]);
    const effort = depth === 0 ? new Effort(FIRST_EFFORT) : this.effort;
    const pieces = piecesOf(sets, effort);
    if (effort.isOver) this.areAll = false;
    for (const { values, members } of pieces) {
      if (this.effort.isOver) return;
      const { region, assumptions } = world;
      const parts = partsAt(world.parts, members);
      this.split({ region: { ...region, [field]: values }, assumptions, parts }, depth + 1);
    }
  }

  private add(world: World<T>): void {
    const found = byAssumptions(world, this.effort);
    if (this.effort.isOver) this.areAll = false;
    else for (const one of found) this.worlds.push(one);
  }
}

function partsAt<T extends Part>(parts: readonly T[], positions: readonly number[]): readonly T[] {
  if (positions.length === parts.length) return parts;
  return positions.map((i) => parts[i]).filter((part) => part !== undefined);
}

/** Splits by each condition that parts depend on, or that is known to occur, both ways. */
function byAssumptions<T extends Part>(world: World<T>, effort: Effort): readonly World<T>[] {
  const all = world.parts.flatMap(([, { assumptions }]) => assumptions);
  if (all.length === 0) return [world];
  const told = all.filter(({ occurs }) => occurs.length > 0);
  let open: World<T>[] = [world];
  for (const one of new Map(told.map((each) => [each.text, each])).values()) {
    if (!effort.spend(2 * open.length)) return [];
    open = open.flatMap((known) => bothWays(known, one));
  }
  const found: World<T>[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!effort.spend(next.parts.length + 1)) return [];
    const one = undecidedIn(next);
    if (one === undefined) found.push(next);
    else for (const way of bothWays(next, one)) open.push(way);
  }
  return found.reverse();
}

/** A condition that a part depends on and the world has not decided; `undefined`: none is left. */
function undecidedIn({ parts, assumptions }: World): Assumption | undefined {
  const decided = new Set(assumptions.map(({ text }) => text));
  for (const [, flow] of parts)
    for (const one of flow.assumptions) if (!decided.has(one.text)) return one;
  return undefined;
}

function bothWays<T extends Part>(
  { region, assumptions, parts }: World<T>,
  { text, occurs }: Assumption,
): readonly World<T>[] {
  return [true, false].map((holds) => ({
    region,
    assumptions: [...assumptions, { text, holds, occurs }],
    parts: parts.filter(([, flow]) =>
      flow.assumptions.every((other) => other.text !== text || other.holds === holds),
    ),
  }));
}

/** The share of each kind of outcome among the packets of one world. */
export function distributionOf<Kind extends string>(
  parts: readonly Part<Kind>[],
): ReadonlyMap<Kind, Fraction> {
  const found = new Map<Kind, Fraction>();
  for (const [kind, { share }] of parts) found.set(kind, plus(found.get(kind) ?? NONE, share));
  return found;
}
