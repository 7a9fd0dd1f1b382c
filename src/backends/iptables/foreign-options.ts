/** Options of matches and targets that no rule of ours has, with any number of values. */

import { type RawWord, unquote } from './syntax/words.js';

export interface ForeignOption {
  readonly not: boolean;
  readonly values: readonly string[];
}

/** By name, `--` left out. */
export type ForeignOptions = ReadonlyMap<string, ForeignOption>;

/**
 * The options behind `-m NAME` or `-j NAME`; `undefined` where one of them is none of the names
 * given, or is repeated.
 */
export function foreignOptions(
  words: readonly RawWord[],
  names: readonly string[],
): ForeignOptions | undefined {
  const options = new Map<string, { readonly not: boolean; readonly values: string[] }>();
  let current: string[] | undefined;
  let not = false;
  for (const word of words) {
    if (word === '!') {
      not = true;
    } else if (word.startsWith('--')) {
      const name = word.slice(2);
      if (!names.includes(name) || options.has(name)) return undefined;
      current = [];
      options.set(name, { not, values: current });
      not = false;
    } else if (current === undefined || not) {
      return undefined;
    } else {
      current.push(unquote(word));
    }
  }
  return options;
}

/** The one value of an option that is not negated. */
export function singleValue(options: ForeignOptions, name: string): string | undefined {
  const option = options.get(name);
  return option === undefined || option.not || option.values.length !== 1
    ? undefined
    : option.values[0];
}
