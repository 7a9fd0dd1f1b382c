/** Compares what is expected of packets with what is found, in every part of them. */

import type { Fraction } from '../netfilter/fraction.js';
import { compareFractions, NONE, plus, sameFraction } from '../netfilter/fraction.js';
import { intersection, sameIntervals, union } from '../netfilter/intervals.js';
import { FIELDS, type FieldName, onlyPoint, type Region, sameRegion } from '../netfilter/region.js';
import { distributionIn, type Placed, type World, worldsOf } from '../netfilter/worlds.js';
import { isUnknownOutcome, type Outcome } from './expected.js';

/** What becomes of some packets, and how often. */
export type Part = readonly [outcome: Outcome, part: Placed & { readonly share: Fraction }];

/** Packets to which something else happens than expected. */
export interface Deviation {
  /** `unknown`: it depends on rules that vipc does not understand. */
  readonly kind: 'refuted' | 'unknown';
  readonly region: Region;
  readonly expected: ReadonlyMap<Outcome, Fraction>;
  readonly found: ReadonlyMap<Outcome, Fraction>;
  /** Conditions that nobody understands. */
  readonly assumptions: readonly string[];
}

/** The simplest deviation in a region; `undefined` where all is as expected. */
export function deviationOf(
  whole: Region,
  expected: readonly Part[],
  found: readonly Part[],
): Deviation | undefined {
  const all = deviationsOf(whole, expected, found);
  return plainest(all.filter(({ kind }) => kind === 'refuted')) ?? plainest(all);
}

/** Every deviation in a region: one for each set of packets that nothing tells apart. */
export function deviationsOf(
  whole: Region,
  expected: readonly Part[],
  found: readonly Part[],
): readonly Deviation[] {
  if (areSame(expected, found) || areSame(merged(expected), merged(found))) return [];
  if (sameTotals(totals(expected, whole), totals(found, whole))) return [];
  const worlds = worldsOf([...expected, ...found].map(([, part]) => part));
  if (worlds === undefined) {
    const nothing = new Map<Outcome, Fraction>();
    const assumptions = ['too many cases to tell apart'];
    return [{ kind: 'unknown', region: whole, assumptions, expected: nothing, found: nothing }];
  }
  const wrong = worlds.filter(
    (world) => !sameTotals(distributionIn(world, expected), distributionIn(world, found)),
  );
  return wrong.map((world) => {
    const [wanted, happens] = [distributionIn(world, expected), distributionIn(world, found)];
    const isCertain =
      isWrongAnyway(world, worlds, wrong) && exceeds(happens, wanted) && exceeds(wanted, happens);
    return {
      kind: isCertain ? 'refuted' : 'unknown',
      region: world.region,
      expected: wanted,
      found: happens,
      assumptions: world.assumptions
        .filter(({ holds, occurs }) => !occurs.includes(holds))
        .map(({ text }) => text),
    };
  });
}

/** Whether something happens too often; what a rule does that is not understood may be right. */
function exceeds(
  found: ReadonlyMap<Outcome, Fraction>,
  expected: ReadonlyMap<Outcome, Fraction>,
): boolean {
  return [...found].some(
    ([outcome, share]) =>
      !isUnknownOutcome(outcome) && compareFractions(share, expected.get(outcome) ?? NONE) > 0,
  );
}

/** One with many senders rather than one whose sender is special. */
function plainest(deviations: readonly Deviation[]): Deviation | undefined {
  return deviations.find(({ region }) => onlyPoint(region.saddr) === undefined) ?? deviations[0];
}

/** Whether the packets of a world deviate whatever the conditions are that nobody understands. */
function isWrongAnyway(world: World, worlds: readonly World[], wrong: readonly World[]): boolean {
  if (world.assumptions.length === 0) return true;
  return worlds.every((other) => !haveSamePackets(world, other) || wrong.includes(other));
}

/** Whether what is sure about the packets of a world is so in another one. */
function haveSamePackets(world: World, other: World): boolean {
  return (
    sameRegion(world.region, other.region) &&
    world.assumptions.every(
      ({ occurs, holds }, i) => !occurs.includes(holds) || holds === other.assumptions[i]?.holds,
    )
  );
}

/** Whether both have the same parts, one by one; of any outcome only few. */
function areSame(expected: readonly Part[], found: readonly Part[]): boolean {
  if (expected.length !== found.length) return false;
  // Mostly in one order too.
  if (expected.every((part, i) => isSamePart(part, found[i]))) return true;
  const byOutcome = new Map<Outcome, Part[1][]>();
  for (const [outcome, part] of expected) {
    const known = byOutcome.get(outcome);
    if (known === undefined) byOutcome.set(outcome, [part]);
    else if (known.length < MOST_ALIKE) known.push(part);
    else return false;
  }
  return found.every(([outcome, part]) => {
    const parts = byOutcome.get(outcome) ?? [];
    const at = parts.findIndex((other) => samePart(part, other));
    if (at >= 0) parts.splice(at, 1);
    return at >= 0;
  });
}

/** The same with parts put together that differ in an address alone. */
function merged(parts: readonly Part[]): readonly Part[] {
  return mergedBy(mergedBy(parts, 'saddr'), 'daddr');
}

function mergedBy(parts: readonly Part[], field: FieldName): readonly Part[] {
  const byOutcome = new Map<Outcome, Part[1][]>();
  for (const [outcome, part] of parts) {
    const known = byOutcome.get(outcome) ?? [];
    byOutcome.set(outcome, known);
    const at =
      known.length > MOST_ALIKE ? -1 : known.findIndex((other) => areBeside(part, other, field));
    const other = known[at];
    if (other === undefined) known.push(part);
    else {
      const values = union([part.region[field], other.region[field]]);
      known[at] = { ...other, region: { ...other.region, [field]: values } };
    }
  }
  return [...byOutcome].flatMap(([outcome, known]) => known.map((part): Part => [outcome, part]));
}

/** Whether two parts are alike, but for a field in which they have no value in common. */
function areBeside(a: Part[1], b: Part[1], field: FieldName): boolean {
  return (
    intersection(a.region[field], b.region[field]).length === 0 &&
    samePart(a, { ...b, region: { ...b.region, [field]: a.region[field] } })
  );
}

/** Parts of one outcome that are compared one by one. */
const MOST_ALIKE = 4;

function isSamePart(a: Part, b: Part | undefined): boolean {
  return b !== undefined && a[0] === b[0] && samePart(a[1], b[1]);
}

function samePart(a: Part[1], b: Part[1]): boolean {
  return (
    sameFraction(a.share, b.share) &&
    a.assumptions.length + b.assumptions.length === 0 &&
    sameRegion(a.region, b.region)
  );
}

/** Shares by outcome and by the fields that are narrower than in the whole. */
function totals(parts: readonly Part[], whole: Region): ReadonlyMap<string, Fraction> {
  const sums = new Map<string, Fraction>();
  for (const [outcome, { region, share, assumptions }] of parts) {
    const narrower = FIELDS.filter((field) => !sameIntervals(region[field], whole[field]));
    const fields = narrower.map((field) => `${field} ${region[field].join()}`);
    const guesses = assumptions.map(({ text, holds }) => `${text} ${holds}`);
    const key = [outcome, ...fields, ...guesses].join('|');
    const known = sums.get(key);
    sums.set(key, known === undefined ? share : plus(known, share));
  }
  return sums;
}

function sameTotals(a: ReadonlyMap<string, Fraction>, b: ReadonlyMap<string, Fraction>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, share] of a) {
    const other = b.get(key);
    if (other === undefined || !sameFraction(share, other)) return false;
  }
  return true;
}
