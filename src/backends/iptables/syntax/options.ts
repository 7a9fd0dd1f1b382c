/**
 * Cuts the words after `-m NAME` or `-j NAME` into options, by the number of values that each
 * takes.
 */

import { type RawWord, unquote } from './words.js';

export interface Option {
  readonly name: string;
  readonly not: boolean;
  /** Unquoted; `''` for an option without a value. */
  readonly value: string;
}

/** How many values each option of one match or target takes. */
export type Arity = Readonly<Record<string, 0 | 1>>;

/** Other spellings of options that iptables-save prints shorter. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['--destination-port', '--dport'],
  ['--source-port', '--sport'],
]);

/** The option as iptables-save spells it. */
export function optionName(word: RawWord): string {
  return ALIASES.get(word) ?? word;
}

/**
 * The options by name; `undefined` where a word is none of these options, a value is missing, or an
 * option occurs twice, so that the whole is kept as not understood.
 */
export function readOptions(
  words: readonly RawWord[],
  arity: Arity,
): ReadonlyMap<string, Option> | undefined {
  const options = new Map<string, Option>();
  for (let i = 0; i < words.length; i++) {
    const not = words[i] === '!';
    if (not) i++;
    const name = optionName(words[i] ?? '');
    const values = Object.hasOwn(arity, name) ? arity[name] : undefined;
    if (values === undefined || options.has(name)) return undefined;
    const value = values === 1 ? words[++i] : '';
    if (value === undefined) return undefined;
    options.set(name, { name, not, value: unquote(value) });
  }
  return options;
}
