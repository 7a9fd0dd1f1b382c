/**
 * A scanner over the bytes of JSON text that builds no value: where values end, and whether they
 * are valid. What JSON is made of is ASCII, which no other character of UTF-8 contains.
 */

/** Stands for an offset where the text is not valid, or nested deeper than {@link MAX_DEPTH}. */
export const NOT_JSON = -1;

/** Deeper than any object of Kubernetes. */
const MAX_DEPTH = 500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
export const CLOSE_BRACKET = 0x5d;
const U = 0x75;

/**
 * What a byte is: looked up, because more than half of the bytes of an indented text are blanks.
 */
const KINDS = new Uint8Array(256);
const BLANK = 1;
const IN_STRING = 2;
const IN_WORD = 4;
for (let byte = SPACE; byte < 256; byte++) KINDS[byte] = IN_STRING;
for (const char of '"\\') KINDS[char.charCodeAt(0)] = 0;
for (const char of '+-.0123456789Eaeflnrstu') KINDS[char.charCodeAt(0)] = IN_STRING | IN_WORD;
for (const char of '\t\n\r') KINDS[char.charCodeAt(0)] = BLANK;
KINDS[SPACE] = IN_STRING | BLANK;

/**
 * The offset from here on of the first byte that is not of a kind; the length where there is none.
 */
function behind(kind: number, bytes: Buffer, from: number): number {
  const { length } = bytes;
  let at = from;
  while (at < length && ((KINDS[bytes[at] ?? 0] ?? 0) & kind) !== 0) at++;
  return at;
}

/** The offset of the next byte that is not blank. */
export function blanksEnd(bytes: Buffer, from: number): number {
  return behind(BLANK, bytes, from);
}

/** The offset behind the value that starts here, or {@link NOT_JSON}. */
export function valueEnd(bytes: Buffer, start: number): number {
  const closing: number[] = [];
  let at = start;
  do {
    const first = bytes[at];
    if (first === OPEN_BRACE || first === OPEN_BRACKET) at = firstValue(bytes, at, closing);
    else at = nextValue(bytes, scalarEnd(bytes, at), closing);
  } while (at !== NOT_JSON && closing.length > 0 && closing.length <= MAX_DEPTH);
  return closing.length > 0 ? NOT_JSON : at;
}

/** Goes through a bracket that opens to the value that comes next, if there is one. */
function firstValue(bytes: Buffer, open: number, closing: number[]): number {
  const close = bytes[open] === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
  closing.push(close);
  const at = blanksEnd(bytes, open + 1);
  if (bytes[at] === close) return nextValue(bytes, at, closing);
  return close === CLOSE_BRACE ? keyEnd(bytes, at) : at;
}

/** Goes from the end of a value to the one that comes next, if there is one. */
function nextValue(bytes: Buffer, end: number, closing: number[]): number {
  let at = end;
  while (at !== NOT_JSON && closing.length > 0) {
    at = blanksEnd(bytes, at);
    const close = closing[closing.length - 1];
    if (bytes[at] === COMMA) {
      at = blanksEnd(bytes, at + 1);
      return close === CLOSE_BRACE ? keyEnd(bytes, at) : at;
    }
    if (bytes[at] !== close) return NOT_JSON;
    closing.pop();
    at++;
  }
  return at;
}

/** Behind a key and its colon, where the value starts. */
function keyEnd(bytes: Buffer, at: number): number {
  const end = bytes[at] === QUOTE ? stringEnd(bytes, at) : NOT_JSON;
  if (end === NOT_JSON) return NOT_JSON;
  const colon = blanksEnd(bytes, end);
  return bytes[colon] === COLON ? blanksEnd(bytes, colon + 1) : NOT_JSON;
}

function scalarEnd(bytes: Buffer, at: number): number {
  return bytes[at] === QUOTE ? stringEnd(bytes, at) : wordEnd(bytes, at);
}

/** Behind a string that starts here with its quote. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = behind(IN_STRING, bytes, start + 1);
  while (bytes[at] === BACKSLASH) {
    const last = escapeEnd(bytes, at + 1);
    if (last === NOT_JSON) return NOT_JSON;
    at = behind(IN_STRING, bytes, last + 1);
  }
  return bytes[at] === QUOTE ? at + 1 : NOT_JSON;
}

const ESCAPES = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)));

/** The last byte of an escape, whose second byte is at this offset. */
function escapeEnd(bytes: Buffer, at: number): number {
  if (bytes[at] === U) {
    const digits = bytes.toString('latin1', at + 1, at + 5);
    return /^[\da-fA-F]{4}$/.test(digits) ? at + 4 : NOT_JSON;
  }
  return ESCAPES.has(bytes[at] ?? 0) ? at : NOT_JSON;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/** Behind a number, `true`, `false` or `null`. */
function wordEnd(bytes: Buffer, start: number): number {
  const end = behind(IN_WORD, bytes, start);
  for (const word of WORDS) if (isAt(word, bytes, start, end)) return end;
  return NUMBER.test(bytes.toString('latin1', start, end)) ? end : NOT_JSON;
}

/** Whether these bytes and no others stand there. */
function isAt(word: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (word[i] !== bytes[start + i]) return false;
  return true;
}

/** The text of a string without escapes, in its quotes; `undefined` for any other value. */
export function plainString(bytes: Buffer, start: number, end: number): string | undefined {
  if (bytes[start] !== QUOTE || hasEscapes(bytes, start, end)) return undefined;
  return bytes.toString('latin1', start + 1, end - 1);
}

function hasEscapes(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Reads the value that starts at an offset, and returns where it ends, or {@link NOT_JSON}. */
export type ValueReader = (bytes: Buffer, at: number) => number;

/** A key, in its quotes, and what reads its value. */
export interface JsonField {
  readonly key: Buffer;
  readonly read: ValueReader;
}

export function jsonField(key: string, read: ValueReader): JsonField {
  return { key: Buffer.from(JSON.stringify(key)), read };
}

/**
 * Behind a value, of which those members are read that are listed, at most 30; {@link NOT_JSON}
 * also where one of them is there twice, or a key has escapes.
 */
export function objectEnd(bytes: Buffer, start: number, fields: readonly JsonField[]): number {
  if (bytes[start] !== OPEN_BRACE) return valueEnd(bytes, start);
  let seen = 0;
  let at = blanksEnd(bytes, start + 1);
  while (at !== NOT_JSON && bytes[at] !== CLOSE_BRACE) {
    const end = stringEnd(bytes, at);
    const value = keyEnd(bytes, at);
    if (value === NOT_JSON || hasEscapes(bytes, at, end)) return NOT_JSON;
    const found = fieldAt(fields, bytes, at, end);
    if ((seen & (1 << found)) !== 0) return NOT_JSON;
    if (found >= 0) seen |= 1 << found;
    at = nextMember(bytes, (fields[found]?.read ?? valueEnd)(bytes, value));
  }
  return at === NOT_JSON ? at : at + 1;
}

function fieldAt(fields: readonly JsonField[], bytes: Buffer, start: number, end: number): number {
  for (let i = 0; i < fields.length; i++)
    if (isAt(fields[i]?.key ?? bytes, bytes, start, end)) return i;
  return -1;
}

/** The next member, behind a comma, or the closing brace. */
function nextMember(bytes: Buffer, end: number): number {
  if (end === NOT_JSON) return NOT_JSON;
  const at = blanksEnd(bytes, end);
  if (bytes[at] !== COMMA) return bytes[at] === CLOSE_BRACE ? at : NOT_JSON;
  const next = blanksEnd(bytes, at + 1);
  return bytes[next] === CLOSE_BRACE ? NOT_JSON : next;
}
