/**
 * Takes out of a line of iptables-save what only depends on the version of the tool, so that lines
 * of any host compare as strings. Understands nothing else of the rule; {@link ./rule.ts} does.
 */

import { protocolName } from './values.js';
import { splitWords } from './words.js';

/**
 * The line as iptables-save 1.8.9 prints it, single-spaced: without the `[packets:bytes] ` of
 * `-c`, without the blank that 1.8.7 leaves after a rule without target, without the second
 * blank after `--nfacct-name`, and with `-p tcp` for `-p 6`. Blanks inside quotes stay.
 * A line with nothing to do, nearly every one, comes back as the same string.
 */
export function normaliseLine(line: string): string {
  const start = line.charCodeAt(0) === 91 ? line.indexOf(']') + 2 : 0;
  const end = line.charCodeAt(line.length - 1) === 32 ? line.length - 1 : line.length;
  const text = end - start === line.length ? line : line.slice(start, end);
  const spaced = text.includes('  ') ? splitWords(text).join(' ') : text;
  return nameProtocol(spaced);
}

/** `-p 6` becomes `-p tcp`. Only in front of the first quote: what follows may be a comment. */
function nameProtocol(line: string): string {
  const at = line.indexOf(' -p ') + 4;
  if (at < 4 || !isNumberOrAlias(line, at)) return line;
  const quoteAt = line.indexOf('"');
  if (quoteAt >= 0 && quoteAt < at) return line;
  const blank = line.indexOf(' ', at);
  const end = blank < 0 ? line.length : blank;
  return `${line.slice(0, at)}${protocolName(line.slice(at, end))}${line.slice(end)}`;
}

function isNumberOrAlias(line: string, at: number): boolean {
  const first = line.charCodeAt(at);
  if (first >= 48 && first <= 57) return true;
  return first === 105 && (line.startsWith('icmpv6', at) || line.startsWith('ipv6-mh', at));
}

/** Without carriage return, indentation and padding. */
export function trimmed(line: string): string {
  const [first, last] = [line.charCodeAt(0), line.charCodeAt(line.length - 1)];
  return first <= SPACE || last <= SPACE ? line.trim() : line;
}

/** A blank; the codes of tabs and line ends are smaller. */
const SPACE = 32;
