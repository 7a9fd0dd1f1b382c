/**
 * Reads the chains of our table, and the sets and maps that all Services share, in the faster of
 * two ways.
 */

import type { Chains } from '../../../plan/types.js';
import type { Target } from '../../check/checker.js';
import { tableName } from '../ownership.js';
import { headOf, isSetLabel } from '../syntax/line-text.js';
import { listing, listingsAtOnce, type NumberedRule } from './listings.js';

export interface Listed {
  /** Of every chain of the family, without rules; `''` where nft knows of none. */
  readonly chains: string;
  /** By `TABLE @NAME`: of each shared set and map that is there, with its elements. */
  readonly sets: ReadonlyMap<string, string>;
  /**
   * Whether the rules asked about are known to be all there; `false` also where nothing was asked
   * about them.
   */
  readonly hasRules: boolean;
}

/**
 * Below 1, so that one slow moment of a machine does not rule a way out for ever: after some forty
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
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Reads what `wanted` names, and whether these rules are there if that costs no run more. Throws
   * as {@link listing}.
   */
  async read(target: Target, wanted: Chains, rules: readonly NumberedRule[]): Promise<Listed> {
    const table = tableName(target.family).split(' ');
    const sets = setsOf(wanted);
    const questions = [
      ['chains', ...table.slice(0, 1)],
      ...sets.map(([kind, set]) => [kind, ...table, set]),
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
    const there = texts.map((text, i) => [`${table.join(' ')} @${sets[i]?.[1]}`, text] as const);
    return {
      chains,
      sets: new Map(there.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
      hasRules: atOnce !== undefined,
    };
  }
}

async function listings(
  target: Target,
  questions: readonly (readonly string[])[],
): Promise<readonly (string | undefined)[]> {
  const answers: (string | undefined)[] = [];
  for (const words of questions) answers.push(await listing(target, ...words));
  return answers;
}

/** The sets and maps of every node, as `set NAME` and `map NAME`. */
export function setsOf(wanted: Chains): readonly (readonly [string, string])[] {
  return [...wanted.values()]
    .filter(({ chain }) => isSetLabel(chain))
    .map(({ lines: [line = ''] }) => [headOf(line)?.type ?? '', headOf(line)?.name ?? '']);
}
