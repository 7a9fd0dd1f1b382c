/**
 * Cuts a listing of nft into the texts of its objects, so that a big one can be read a few at a
 * time.
 */

import { ParseError } from '../../../errors.js';
import type { Steps } from '../../../steps.js';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN = 123;
const CLOSE = 125;

/** The objects of `{"nftables": [ … ]}`, as text. Throws ParseError where the text is not whole. */
export function* jsonItems(text: string): Steps<readonly string[]> {
  const items: string[] = [];
  const head = /^\s*\{\s*"nftables":\s*\[/.exec(text) ?? fail();
  let start = nextBracket(text, head[0].length);
  while (isOpening(text, start)) {
    const end = endOfValue(text, start);
    items.push(text.slice(start, end));
    start = nextBracket(text, end);
    yield;
  }
  // Here the list itself ends.
  return /^\s*\}\s*$/.test(text.slice(start + 1)) ? items : fail();
}

/** Where the object or list that opens at a place ends. */
function endOfValue(text: string, start: number): number {
  let at = start;
  let depth = 1;
  while (depth > 0) {
    at = nextBracket(text, at + 1);
    depth += isOpening(text, at) ? 1 : -1;
  }
  return at + 1;
}

/** The first bracket from a place on that is in no string. Throws ParseError without one. */
function nextBracket(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN || c === CLOSE || c === OPEN_LIST || c === CLOSE_LIST) return i;
  }
  return fail();
}

function isOpening(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === OPEN || c === OPEN_LIST;
}

/** Where the string that begins at a place ends. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before--;
  return (at - before) % 2 === 0;
}

function fail(): never {
  throw new ParseError('the listing of nft is broken or cut off', 0);
}

/** Objects as a listing that holds nothing else. */
export function listingOfItems(items: readonly string[]): string {
  return `{"nftables": [${items.join(', ')}]}`;
}
