/** The rules and elements in the commands of a script for `nft -f`. */

import { parseBody, printRule } from './rule.js';
import type { Element } from './units.js';
import { canonicalWord, elementKeyText } from './values.js';
import type { Words } from './words.js';

/** The rule whose statements are next, in one spelling; the table is given as `ip NAME`. */
export function ruleLine(table: string, chain: string, words: Words): string {
  const [family = ''] = table.split(' ');
  return printRule({ table, chain, ...parseBody(words, family) });
}

/** The elements that are next, of a set whose keys have these types. */
export function elementsIn(words: Words, types: readonly string[]): readonly Element[] {
  return words.takeBlock(',').map((item) => {
    const [left, value] = splitAt(item, ':');
    const [key, comment] = splitAt(left, 'comment');
    return {
      key: elementKeyText(key, types),
      comment: unquoted(comment.join(' ')),
      value: value.map(canonicalWord).join(' '),
    };
  });
}

/** The words before and behind one. */
export function splitAt(
  words: readonly string[],
  at: string,
): readonly [before: readonly string[], after: readonly string[]] {
  const index = words.indexOf(at);
  return index < 0 ? [words, []] : [words.slice(0, index), words.slice(index + 1)];
}

/** A string of nft without its quotes. */
export function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1');
}
