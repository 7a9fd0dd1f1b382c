/**
 * How iptables splits and quotes the words of a line; shared by everything that reads or writes
 * rule lines.
 */

import { ParseError } from '../../../errors.js';

/** A word as it stands in the line, quotes and backslashes included. */
export type RawWord = string;

const WORD = /(?:[^ \t\n"]+|"(?:[^"\\]|\\[\s\S])*")+/g;

/**
 * The words of a line, each with the quotes it was written with, so that what is not
 * understood can be written back unchanged. Runs of blanks separate; inside quotes a
 * backslash takes the next character literally. Throws {@link ParseError} on an open quote.
 */
export function splitWords(line: string): RawWord[] {
  if (hasOpenQuote(line)) throw new ParseError('a quote is not closed', 0);
  return line.match(WORD) ?? [];
}

/** What the word means: without quotes, escapes resolved. */
export function unquote(word: RawWord): string {
  if (!word.includes('"')) return word;
  return word.replace(/"((?:[^"\\]|\\[\s\S])*)"/g, (_, inner: string) =>
    inner.replace(/\\([\s\S])/g, '$1'),
  );
}

/**
 * The word as iptables-save writes a comment, a log prefix or an accounting name
 * (`xtables_save_string`): bare if it holds only `A-Z a-z 0-9 _ -`, otherwise in quotes with
 * `"`, `\` and `'` escaped. A line feed is written raw, as iptables-save does.
 */
export function quoteWord(text: string): RawWord {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, '\\$&')}"`;
}

/** Whether a word means itself without quotes; for the values that iptables-save never quotes. */
export function isPlain(text: string): boolean {
  return /^[^\s"\\]+$/.test(text);
}

/**
 * Whether the text ends inside quotes: a comment with a raw line feed in it goes on in the
 * next line of a dump. `inside`: the text begins inside quotes already. Lines with none or two
 * quotes and no backslash, nearly all, are decided without looking at every character.
 */
export function hasOpenQuote(text: string, inside = false): boolean {
  const first = text.indexOf('"');
  if (first < 0) return inside;
  if (!inside) {
    const second = text.indexOf('"', first + 1);
    if (second < 0) return true;
    if (text.indexOf('"', second + 1) < 0 && text[second - 1] !== '\\') return false;
  }
  let open = inside;
  for (let i = inside ? 0 : first; i < text.length; i++) {
    const c = text[i];
    if (c === '"') open = !open;
    else if (c === '\\' && open) i++;
  }
  return open;
}
