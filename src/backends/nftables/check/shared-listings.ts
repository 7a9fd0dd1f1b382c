/**
 * Reads the chains of our table, and the sets and maps that all Services share, in the faster of
 * two ways.
 */

import { systemClock } from '../../../host/clock.js';
import type { Chains } from '../../../plan/types.js';
import { unitKey } from '../../../plan/unit.js';
import type { CheckTarget } from '../../check/checker.js';
import { tableName } from '../ownership.js';
import { headOf } from '../syntax/line-text.js';
import { listingOfItems } from './json-items.js';
import { listing, listingsAtOnce, type NumberedRule, type TableItems } from './listings.js';

export interface Listed {
  /** Of every chain of the family, without rules; `''` where there is none. */
  readonly chains: string;
  /** By {@link unitKey}: of each shared set and map that is there, with its elements. */
  readonly sets: ReadonlyMap<string, string>;
  /**
   * Whether the rules asked about are known to be all there; `false` also where nothing was asked
   * about them.
   */
  readonly hasRules: boolean;
}

/**
 * Below 1, so that one slow moment of a machine does not rule a way out forever: after some forty
 * checks a way that took three times as long is tried again.
 */
const DECAY = 0.97;

/**
 * A run of nft costs more than most of its answers, so one run for all of them is the rule. It
 * reads the sets of every other table too, though, which may be a list of a million addresses:
 * where it took longer than one run for each answer, these are made.
 */
export class SharedListings {
  readonly #now: () => number;
  /** Milliseconds that each way took last. */
  #atOnce = 0;
  #oneByOne = Number.POSITIVE_INFINITY;

  /** `now`: milliseconds of a monotonic clock. */
  constructor(now: () => number = systemClock.now) {
    this.#now = now;
  }

  /**
   * Reads what `wanted` names, and whether these rules are there if that costs no run more. Throws
   * as {@link listing}.
   */
  async read(target: CheckTarget, wanted: Chains, rules: readonly NumberedRule[]): Promise<Listed> {
    const table = tableName(target.family);
    const [family = ''] = table.split(' ');
    const sets = setsOf(wanted);
    const questions = [
      ['chains', family],
      ...sets.map(({ word, name }) => [word, ...table.split(' '), name]),
    ];
    const start = this.#now();
    const atOnce =
      this.#atOnce > this.#oneByOne ? undefined : await listingsAtOnce(target, questions, rules);
    const between = this.#now();
    if (atOnce !== undefined) this.#atOnce = between - start;
    const answers = atOnce ?? (await listings(target, questions));
    if (atOnce === undefined) {
      this.#oneByOne = this.#now() - between;
      this.#atOnce *= DECAY;
    }
    const [chains = '', ...texts] = answers;
    const there = sets.map(
      ({ name }, i) => [unitKey({ table, kind: 'set', name }), texts[i]] as const,
    );
    return {
      chains,
      sets: new Map(there.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
      hasRules: atOnce !== undefined,
    };
  }
}

async function listings(
  target: CheckTarget,
  questions: readonly (readonly string[])[],
): Promise<readonly (string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  for (const words of questions) answers.push(await listing(target, words));
  return answers;
}

/** The same, taken from what was read of the whole table. */
export function listedIn({ units }: TableItems, { family }: CheckTarget, wanted: Chains): Listed {
  const table = tableName(family);
  // What makes a chain comes before its rules.
  const chains = [...units].flatMap(([key, items]) =>
    key.startsWith('chain ') ? items.slice(0, 1) : [],
  );
  const sets = setsOf(wanted).flatMap(({ word, name }) => {
    const items = units.get(`${word} ${name}`);
    const key = unitKey({ table, kind: 'set', name });
    return items === undefined ? [] : [[key, listingOfItems(items)] as const];
  });
  return { chains: listingOfItems(chains), sets: new Map(sets), hasRules: false };
}

/** The sets and maps of every node; `word` is nft's for which of the two one is. */
export function setsOf(
  wanted: Chains,
): readonly { readonly word: string; readonly name: string }[] {
  return [...wanted.values()]
    .filter(({ kind }) => kind === 'set')
    .map(({ name, lines: [line = ''] }) => ({ word: headOf(line)?.type ?? '', name }));
}
