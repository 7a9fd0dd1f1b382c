/** Compares what is promised to packets with what is found, in every part of them. */

import type { Fraction } from '../netfilter/fraction.js';
import { plus, sameFraction } from '../netfilter/fraction.js';
import { sameIntervals } from '../netfilter/intervals.js';
import { FIELDS, type Region } from '../netfilter/region.js';
import { distributionIn, type Placed, type World, worldsOf } from '../netfilter/worlds.js';
import type { Fate } from './expected.js';

/** What becomes of some packets, and how often. */
export type Part = readonly [fate: Fate, part: Placed & { readonly share: Fraction }];

/** Packets to which something else happens than promised. */
export interface Deviation {
  /** `unknown`: a condition that nobody understands may save the promise, or break it. */
  readonly kind: 'refuted' | 'unknown';
  readonly region: Region;
  readonly expected: ReadonlyMap<Fate, Fraction>;
  readonly found: ReadonlyMap<Fate, Fraction>;
  /** Conditions that nobody understands. */
  readonly assumptions: readonly string[];
}

/** The first deviation in a region; `undefined` where all is as promised. */
export function deviationOf(
  whole: Region,
  expected: readonly Part[],
  found: readonly Part[],
): Deviation | undefined {
  if (sameTotals(totals(expected, whole), totals(found, whole))) return undefined;
  const worlds = worldsOf([...expected, ...found].map(([, part]) => part));
  if (worlds === undefined) {
    const nothing = new Map<Fate, Fraction>();
    const texts = ['too many cases to tell apart'];
    return {
      ...{ kind: 'unknown', region: whole, assumptions: texts },
      ...{ expected: nothing, found: nothing },
    };
  }
  const wrong = worlds.filter(
    (world) => !sameTotals(distributionIn(world, expected), distributionIn(world, found)),
  );
  // The last ones are the rest, after packets that rules single out.
  const certain = wrong.findLast((world) => isWrongAnyway(world, worlds, wrong));
  const world = certain ?? wrong.at(-1);
  if (world === undefined) return undefined;
  return {
    kind: certain === undefined ? 'unknown' : 'refuted',
    region: world.region,
    expected: distributionIn(world, expected),
    found: distributionIn(world, found),
    assumptions: world.assumptions.map(({ text }) => text),
  };
}

/** Whether the packets of a world deviate whatever the conditions are that nobody understands. */
function isWrongAnyway(
  { region }: World,
  worlds: readonly World[],
  wrong: readonly World[],
): boolean {
  return worlds.every((other) => !sameRegion(other.region, region) || wrong.includes(other));
}

/** Shares by fate and by the fields that are narrower than in the whole. */
function totals(parts: readonly Part[], whole: Region): ReadonlyMap<string, Fraction> {
  const sums = new Map<string, Fraction>();
  for (const [fate, { region, share, assumptions }] of parts) {
    const narrower = FIELDS.filter((field) => !sameIntervals(region[field], whole[field]));
    const fields = narrower.map((field) => `${field} ${region[field].join()}`);
    const guesses = assumptions.map(({ text, holds }) => `${text} ${holds}`);
    const key = [fate, ...fields, ...guesses].join('|');
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

function sameRegion(a: Region, b: Region): boolean {
  return FIELDS.every((field) => sameIntervals(a[field], b[field]));
}
