/**
 * Splits the result of a walk into cases. A case is a set of packets that every part of the
 * result treats alike, and a choice of which conditions that are not understood hold. The shares of
 * one case add up to one, which those of the whole result need not.
 */

import { Effort } from './effort.js';
import type { Assumption, Flow } from './flow.js';
import { type Fraction, NONE, plus } from './fraction.js';
import { piecesOf } from './pieces.js';
import { FIELDS, type Region, withField } from './region.js';

/** What decides in which cases a flow is. */
export type Placed = Pick<Flow, 'region' | 'assumptions'>;

/** A flow with the kind of its outcome, and the share of its packets that get it. */
export type Part<Kind extends string = string> = readonly [
  kind: Kind,
  flow: Placed & { readonly share: Fraction },
];

export interface Case<T extends Part = Part> {
  /** Packets that every part treats alike. */
  readonly region: Region;
  /** Which conditions hold: those that its parts depend on, and all that are known to occur. */
  readonly assumptions: readonly Assumption[];
  /** What becomes of its packets. */
  readonly parts: readonly T[];
}

export interface Cases<T extends Part = Part> {
  /** Cases of one region follow each other, share its object, and are complete. */
  readonly cases: readonly Case<T>[];
  /** False where {@link MOST_EFFORT} was used up before all were found. */
  readonly areAll: boolean;
}

/** How many boundaries of sets, and parts, are looked at: more would take too long. */
const MOST_EFFORT = 1_000_000;
/** How much of it the first field may use, so that the others leave some cases complete. */
const FIRST_EFFORT = MOST_EFFORT / 10;

/** The cases of these parts, none of them empty. They cover the region that all parts began in. */
export function casesOf<T extends Part>(parts: readonly T[]): Cases<T> {
  const [first] = parts;
  if (first === undefined) return { cases: [], areAll: true };
  const search = new Search<T>();
  search.split({ region: first[1].region, assumptions: [], parts }, 0);
  return search;
}

/** Splits by one field after the other, depth first: some cases are complete where not all are. */
class Search<T extends Part> implements Cases<T> {
  readonly cases: Case<T>[] = [];
  areAll = true;
  private readonly effort = new Effort(MOST_EFFORT);

  split(whole: Case<T>, depth: number): void {
    const field = FIELDS[depth];
    if (field === undefined) {
      this.add(whole);
      return;
    }
    const sets = whole.parts.map(([, { region }]) => region[field]);
    const effort = depth === 0 ? new Effort(FIRST_EFFORT) : this.effort;
    const pieces = piecesOf(sets, effort);
    if (effort.isOver) this.areAll = false;
    for (const { values, members } of pieces) {
      if (this.effort.isOver) return;
      const { region, assumptions } = whole;
      const parts = partsAt(whole.parts, members);
      this.split({ region: withField(region, field, values), assumptions, parts }, depth + 1);
    }
  }

  private add(whole: Case<T>): void {
    const found = byAssumptions(whole, this.effort);
    if (this.effort.isOver) this.areAll = false;
    else for (const one of found) this.cases.push(one);
  }
}

function partsAt<T extends Part>(parts: readonly T[], positions: readonly number[]): readonly T[] {
  if (positions.length === parts.length) return parts;
  return positions.map((i) => parts[i]).filter((part) => part !== undefined);
}

/** Splits by each condition that parts depend on, or that is known to occur, both ways. */
function byAssumptions<T extends Part>(whole: Case<T>, effort: Effort): readonly Case<T>[] {
  const all = whole.parts.flatMap(([, { assumptions }]) => assumptions);
  if (all.length === 0) return [whole];
  const occurring = all.filter(({ occurs }) => occurs.length > 0);
  let open: Case<T>[] = [whole];
  for (const one of new Map(occurring.map((each) => [each.text, each])).values()) {
    if (!effort.spend(2 * open.length)) return [];
    open = open.flatMap((known) => bothWays(known, one));
  }
  const found: Case<T>[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!effort.spend(next.parts.length + 1)) return [];
    const one = undecidedIn(next);
    if (one === undefined) found.push(next);
    else for (const way of bothWays(next, one)) open.push(way);
  }
  return found.reverse();
}

/** A condition that a part depends on and the case has not decided; `undefined`: none is left. */
function undecidedIn({ parts, assumptions }: Case): Assumption | undefined {
  const decided = new Set(assumptions.map(({ text }) => text));
  for (const [, flow] of parts)
    for (const one of flow.assumptions) if (!decided.has(one.text)) return one;
  return undefined;
}

function bothWays<T extends Part>(
  { region, assumptions, parts }: Case<T>,
  { text, occurs }: Assumption,
): readonly Case<T>[] {
  return [true, false].map((holds) => ({
    region,
    assumptions: [...assumptions, { text, holds, occurs }],
    parts: parts.filter(([, flow]) =>
      flow.assumptions.every((other) => other.text !== text || other.holds === holds),
    ),
  }));
}

/** The share of each kind of outcome among the packets of one case. */
export function distributionOf<Kind extends string>(
  parts: readonly Part<Kind>[],
): ReadonlyMap<Kind, Fraction> {
  const found = new Map<Kind, Fraction>();
  for (const [kind, { share }] of parts) found.set(kind, plus(found.get(kind) ?? NONE, share));
  return found;
}
