/** A scanner over JSON text that builds no value: where brackets end, and where the text breaks. */

import { stringEnd } from '../json-ends.js';
import type { MapKeys } from './duplicate-keys.js';

/**
 * The offset behind the closing bracket of each bracket that starts a line or is inside no other,
 * from `from` on. A string ends with its line, so that a lost quote costs one line only.
 */
export function bracketEnds(text: string, from: number): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  const token = /["{}[\]]/g;
  token.lastIndex = from;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const { index } = match;
    const char = match[0];
    if (char === '"') token.lastIndex = lineStringEnd(text, index);
    else if (char === '{' || char === '[') open.push(index);
    else {
      const opener = open.pop();
      const isOuter = open.length === 0 || text[(opener ?? 0) - 1] === '\n';
      if (opener !== undefined && isOuter) ends.set(opener, index + 1);
    }
  }
  return ends;
}

/** The offset behind the string that starts here, or of the end of its line. */
function lineStringEnd(text: string, start: number): number {
  const special = /["\\\n]/g;
  special.lastIndex = start + 1;
  for (let match = special.exec(text); match !== null; match = special.exec(text)) {
    if (match[0] === '"') return match.index + 1;
    if (match[0] === '\n') return match.index;
    special.lastIndex = match.index + 2;
  }
  return text.length;
}

/** Where a JSON value breaks the grammar, and how. */
export interface JsonProblem {
  readonly offset: number;
  readonly reason: string;
}

const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;
/** Valid escapes, or else what a string must not contain: other escapes, control characters. */
const STRING_PARTS = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\|[^ -\uffff]/g;

/**
 * The offset behind the value that starts here, or its first problem. Keys are reported to `keys`.
 */
export function jsonProblem(
  text: string,
  start: number,
  keys: MapKeys | undefined = undefined,
): number | JsonProblem {
  const cursor: Cursor = { text, at: start, open: [], expected: 'value', keys };
  while (cursor.expected !== 'end') {
    cursor.at = skipBlanks(text, cursor.at);
    const char = text[cursor.at];
    if (char === undefined)
      return { offset: text.length, reason: 'the text ends in the middle of a value' };
    const found = READ[cursor.expected](cursor, char);
    if (found !== undefined) return found;
  }
  return cursor.at;
}

type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'comma';

/** How far a text was read, and what the grammar allows next. */
interface Cursor {
  readonly text: string;
  at: number;
  /** The brackets that are open here. */
  readonly open: ('{' | '[')[];
  expected: Expected | 'end';
  readonly keys: MapKeys | undefined;
}

/** Moves the cursor behind one token that starts with `char`, or says what is wrong with it. */
type Read = (cursor: Cursor, char: string) => JsonProblem | undefined;

const READ: Readonly<Record<Expected, Read>> = {
  value: readValue,
  'first-value': (cursor, char) => (char === ']' ? close(cursor) : readValue(cursor, char)),
  key: readKey,
  'first-key': (cursor, char) => (char === '}' ? close(cursor) : readKey(cursor, char)),
  comma: readComma,
};

function readValue(cursor: Cursor, char: string): JsonProblem | undefined {
  if (char === '{' || char === '[') {
    cursor.open.push(char);
    cursor.keys?.open(char === '{');
    cursor.at++;
    cursor.expected = char === '{' ? 'first-key' : 'first-value';
    return undefined;
  }
  const { text, at } = cursor;
  const end = char === '"' ? checkString(text, at) : checkScalar(text, at);
  return typeof end === 'number' ? behindValue(cursor, end) : end;
}

function readKey(cursor: Cursor, char: string): JsonProblem | undefined {
  const { text, at, keys } = cursor;
  if (char !== '"') return problem(text, at, 'a name in double quotes');
  const end = checkString(text, at);
  if (typeof end !== 'number') return end;
  const colon = skipBlanks(text, end);
  if (text[colon] !== ':') return problem(text, colon, "':'");
  keys?.key(keyText(text.slice(at, end)), at);
  cursor.at = colon + 1;
  cursor.expected = 'value';
  return undefined;
}

function readComma(cursor: Cursor, char: string): JsonProblem | undefined {
  const inObject = cursor.open.at(-1) === '{';
  const end = inObject ? '}' : ']';
  if (char === end) return close(cursor);
  if (char !== ',') return problem(cursor.text, cursor.at, `',' or '${end}'`);
  cursor.at++;
  cursor.expected = inObject ? 'key' : 'value';
  return undefined;
}

function close(cursor: Cursor): undefined {
  cursor.open.pop();
  cursor.keys?.close();
  behindValue(cursor, cursor.at + 1);
}

function behindValue(cursor: Cursor, end: number): undefined {
  cursor.at = end;
  cursor.expected = cursor.open.length === 0 ? 'end' : 'comma';
}

/**
 * How many keys a valid JSON text has at most: duplicates count twice, and so does a string that
 * holds what looks like the end of a key. Looks for colons, of which there are fewer than quotes.
 */
export function mostKeys(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    let before = colon - 1;
    while (' \t\r\n'.includes(text[before] ?? ':')) before--;
    if (text[before] === '"') count++;
  }
  return count;
}

/** The text of a key in its quotes. */
export function keyText(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

/** The offset behind a string, or its problem. */
function checkString(text: string, at: number): number | JsonProblem {
  const end = stringEnd(text, at);
  if (end === undefined) return { offset: at, reason: 'this string never ends' };
  for (const part of text.slice(at + 1, end - 1).matchAll(STRING_PARTS)) {
    if (part[0].length > 1) continue;
    const reason = part[0] === '\\' ? 'unknown escape' : 'control character';
    return { offset: at + 1 + part.index, reason: `${reason} in a string` };
  }
  return end;
}

/** The offset behind a number or a word, or its problem. */
function checkScalar(text: string, at: number): number | JsonProblem {
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? SCALAR.lastIndex : problem(text, at, 'a value');
}

/** The offset of the next character that is not a blank. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

function problem(text: string, offset: number, expected: string): JsonProblem {
  const found = text[offset] === undefined ? 'the end of the text' : JSON.stringify(text[offset]);
  return { offset, reason: `expected ${expected}, found ${found}` };
}
