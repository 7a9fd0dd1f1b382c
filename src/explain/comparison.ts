/** Compares what is expected of packets with what is found, in every part of them. */

import { addTo } from '../grouping.js';
import { type Case, casesOf, distributionOf, type Part as PartOf } from '../netfilter/cases.js';
import type { Assumption } from '../netfilter/flow.js';
import type { Fraction } from '../netfilter/fraction.js';
import { compareFractions, NONE, plus, sameFraction } from '../netfilter/fraction.js';
import { areApart, sameIntervals, union } from '../netfilter/intervals.js';
import {
  FIELDS,
  type FieldName,
  onlyPoint,
  type Region,
  sameRegion,
  withField,
} from '../netfilter/region.js';
import { isUnknownOutcome, type Outcome } from './expected.js';

/** What becomes of some packets, and how often. */
export type OutcomePart = PartOf<Outcome>;

/** Packets to which something else happens than expected. */
export interface Deviation {
  /** `unknown`: it depends on rules that vipc does not understand. */
  readonly kind: 'refuted' | 'unknown';
  readonly region: Region;
  readonly expected: ReadonlyMap<Outcome, Fraction>;
  readonly found: ReadonlyMap<Outcome, Fraction>;
  /** Conditions that are not understood. */
  readonly assumptions: readonly string[];
}

/** The simplest deviation in a region; `undefined` where all is as expected. */
export function deviationOf(
  whole: Region,
  expected: readonly OutcomePart[],
  found: readonly OutcomePart[],
): Deviation | undefined {
  const all = deviationsOf(whole, expected, found);
  return simplest(all.filter(({ kind }) => kind === 'refuted')) ?? simplest(all);
}

/** Every deviation in a region: one for each set of packets that nothing tells apart. */
export function deviationsOf(
  whole: Region,
  expected: readonly OutcomePart[],
  found: readonly OutcomePart[],
): readonly Deviation[] {
  if (areSame(expected, found) || areSame(merged(expected), merged(found))) return [];
  if (sameTotals(totals(expected, whole), totals(found, whole))) return [];
  const { cases, areAll } = casesOf([...expected, ...found]);
  const deviations = deviationsIn(cases, new Set(expected));
  if (areAll) return deviations;
  const nothing = new Map<Outcome, Fraction>();
  const assumptions = ['too many cases to compare'];
  return [
    ...deviations,
    { kind: 'unknown', region: whole, assumptions, expected: nothing, found: nothing },
  ];
}

/** A case with what is to become of its packets, and what does. */
interface Compared extends Case<OutcomePart> {
  readonly wanted: ReadonlyMap<Outcome, Fraction>;
  readonly happens: ReadonlyMap<Outcome, Fraction>;
  readonly isWrong: boolean;
  /** Whether it holds for every meaning of the rules that are not understood. */
  readonly isSurelyWrong: boolean;
}

function deviationsIn(
  cases: readonly Case<OutcomePart>[],
  expected: ReadonlySet<OutcomePart>,
): readonly Deviation[] {
  const compared = cases.map((one): Compared => {
    const wanted = distributionOf(one.parts.filter((part) => expected.has(part)));
    const happens = distributionOf(one.parts.filter((part) => !expected.has(part)));
    const isWrong = !sameTotals(wanted, happens);
    const isSurelyWrong = isWrong && exceeds(happens, wanted) && exceeds(wanted, happens);
    return { ...one, wanted, happens, isWrong, isSurelyWrong };
  });
  const byPackets = new Map<Region, Compared[]>();
  for (const one of compared) addTo(byPackets, one.region, one);
  return [...byPackets.values()].flatMap((same) => {
    const isWrongAnyway = wrongAnyway(same);
    return same
      .filter(({ isWrong }) => isWrong)
      .map((one): Deviation => {
        const { region, wanted, happens, assumptions } = one;
        return {
          kind: isWrongAnyway(one) ? 'refuted' : 'unknown',
          ...{ region, expected: wanted, found: happens },
          assumptions: assumptions
            .filter(({ holds, occurs }) => !occurs.includes(holds))
            .map(({ text }) => text),
        };
      });
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
function simplest(deviations: readonly Deviation[]): Deviation | undefined {
  return deviations.find(({ region }) => onlyPoint(region.saddr) === undefined) ?? deviations[0];
}

/**
 * Tells of cases with the same packets whether these deviate whatever the conditions are that
 * are not understood: what is certain about packets must hold in every case that can occur.
 */
function wrongAnyway(cases: readonly Compared[]): (one: Case) => boolean {
  const wrongByOccurring = new Map<
    string,
    { readonly occurring: readonly Assumption[]; all: boolean }
  >();
  for (const { assumptions, isSurelyWrong } of cases) {
    const occurring = assumptions.filter(({ occurs }) => occurs.length > 0);
    const key = keyOf(occurring);
    const known = wrongByOccurring.get(key);
    if (known === undefined) wrongByOccurring.set(key, { occurring, all: isSurelyWrong });
    else if (!isSurelyWrong) known.all = false;
  }
  const answers = new Map<string, boolean>();
  return ({ assumptions }) => {
    const occurring = assumptions.filter(({ occurs }) => occurs.length > 0);
    const key = keyOf(occurring);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = [...wrongByOccurring.values()].every(
      (other) => other.all || !agree(occurring, other.occurring),
    );
    answers.set(key, answer);
    return answer;
  };
}

/** Assumptions with known outcomes, which all cases have in the same order. */
function keyOf(occurring: readonly Assumption[]): string {
  return occurring.map(({ holds }) => Number(holds)).join('');
}

/** Whether what surely occurs in one case is so in another one. */
function agree(occurring: readonly Assumption[], other: readonly Assumption[]): boolean {
  return occurring.every(
    ({ occurs, holds }, i) => !occurs.includes(holds) || holds === other[i]?.holds,
  );
}

/** Whether both have the same parts, one by one; of any outcome only few. */
function areSame(expected: readonly OutcomePart[], found: readonly OutcomePart[]): boolean {
  if (expected.length !== found.length) return false;
  // Mostly in one order too.
  if (expected.every((part, i) => isSamePart(part, found[i]))) return true;
  const byOutcome = new Map<Outcome, OutcomePart[1][]>();
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
function merged(parts: readonly OutcomePart[]): readonly OutcomePart[] {
  return mergedBy(mergedBy(parts, 'saddr'), 'daddr');
}

function mergedBy(parts: readonly OutcomePart[], field: FieldName): readonly OutcomePart[] {
  const byOutcome = new Map<Outcome, OutcomePart[][]>();
  for (const part of parts) {
    const groups = byOutcome.get(part[0]) ?? [];
    byOutcome.set(part[0], groups);
    const group =
      groups.length > MOST_ALIKE ? undefined : groups.find(([one]) => areAlike(part, one, field));
    if (group === undefined) groups.push([part]);
    else group.push(part);
  }
  return [...byOutcome.values()].flat().flatMap((group) => together(group, field));
}

/** Parts that are alike but for a field as one, if they have no value of it in common. */
function together(group: readonly OutcomePart[], field: FieldName): readonly OutcomePart[] {
  const [first] = group;
  if (first === undefined || group.length === 1) return group;
  const sets = group.map(([, { region }]) => region[field]);
  if (!areApart(sets)) return group;
  const [outcome, part] = first;
  return [[outcome, { ...part, region: withField(part.region, field, union(sets)) }]];
}

function areAlike([, a]: OutcomePart, other: OutcomePart | undefined, field: FieldName): boolean {
  if (other === undefined) return false;
  const [, b] = other;
  return samePart(a, { ...b, region: withField(b.region, field, a.region[field]) });
}

/** Parts of one outcome that are compared one by one. */
const MOST_ALIKE = 4;

function isSamePart(a: OutcomePart, b: OutcomePart | undefined): boolean {
  return b !== undefined && a[0] === b[0] && samePart(a[1], b[1]);
}

function samePart(a: OutcomePart[1], b: OutcomePart[1]): boolean {
  return (
    sameFraction(a.share, b.share) &&
    a.assumptions.length + b.assumptions.length === 0 &&
    sameRegion(a.region, b.region)
  );
}

/** Shares by outcome and by the fields that are narrower than in the whole. */
function totals(parts: readonly OutcomePart[], whole: Region): ReadonlyMap<string, Fraction> {
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
