/**
 * Cuts a listing of nft into the texts of its objects, so that a big one can be read a few at a
 * time.
 */

import { ParseError } from '../../../errors.js';
import type { TimeSlice } from '../../check/checker.js';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const OPEN = 123;
const CLOSE = 125;

/** The objects of `{"nftables": [ … ]}`, as text. Throws ParseError where the text is not whole. */
export async function jsonItems(text: string, slice: TimeSlice): Promise<readonly string[]> {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  const first = text.indexOf('[');
  if (!/^\s*\{\s*"nftables":\s*$/.test(text.slice(0, Math.max(0, first)))) fail();
  for (let i = first + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN || c === OPEN_LIST) {
      if (depth === 0) start = i;
      depth++;
    } else if (c === CLOSE || c === 93) {
      depth--;
      // The list itself ends.
      if (depth < 0) return /^\s*\}\s*$/.test(text.slice(i + 1)) ? items : fail();
      if (depth === 0) {
        items.push(text.slice(start, i + 1));
        await slice.yieldIfOver();
      }
    }
  }
  return fail();
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
