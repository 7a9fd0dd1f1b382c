/** Finds the listings of `nft -j` in a text. */

import { messageOf } from '../../../errors.js';
import { jsonValueEnd } from '../../../json-ends.js';
import type { DumpReader } from './dump-reader.js';
import { type JsonObject, listOf, objectOf, onlyEntry } from './json-values.js';

const BROKEN =
  'nft 1.0.6 and older break off in the middle of a table with flags (dormant): list only the table kube-proxy';

/** The objects of one listing, or of several. */
export interface NftObjects {
  readonly size: number;
  /** Parses an object each time that it is asked for: all together need ten times their text. */
  readonly at: (i: number) => unknown;
  /** Whether an object is a rule, as far as that can be told without parsing it. */
  readonly isRule: (i: number) => boolean;
}

/** The objects of one listing, or of several that stand behind one another. */
export function nftObjects(text: string, reader: DumpReader): NftObjects {
  const ends = objectEnds(text);
  if (ends === undefined) return parsedObjects(text, reader);
  const startOf = (i: number): number => text.indexOf('{', ends[i] ?? 0);
  return {
    size: ends.length - 1,
    at: (i) => parsed(text.slice(startOf(i), ends[i + 1])) ?? fail(text, reader),
    isRule: (i) => text.startsWith('{"rule"', startOf(i)),
  };
}

/** An object, and what kind of thing it is. */
export interface NftEntry {
  readonly kind: string;
  readonly object: JsonObject;
}

/** What a value of a listing is. Fails for anything but an object of nft. */
export function nftEntryOf(value: unknown, reader: DumpReader): NftEntry {
  const { kind, content } = onlyEntry(value);
  const object = objectOf(content);
  if (kind === undefined || object === undefined)
    reader.fail(`no object of nft: ${JSON.stringify(value).slice(0, 80)}`);
  return { kind, object };
}

/** A property that must be there, as a word. */
export function wordOf(object: JsonObject, key: string, reader: DumpReader): string {
  const value = object[key];
  return typeof value === 'string' && value !== ''
    ? value
    : reader.fail(`an object of nft without ${key}: ${JSON.stringify(object).slice(0, 80)}`);
}

/** Where the objects of a text begin that is one listing. */
const HEAD = /^\s*\{\s*"nftables"\s*:\s*\[/;
const TAIL = /^\s*\]\s*\}\s*$/;

/**
 * Where the list of a listing begins, and then where each of its objects ends; `undefined` for any
 * other text. What is between brackets is not checked.
 */
function objectEnds(text: string): readonly number[] | undefined {
  const ends = [listStart(text)];
  const isListing = readListing(text, (start) => {
    const end = bracketsEnd(text, start);
    ends.push(end);
    return end;
  });
  return isListing ? ends : undefined;
}

/** Behind the bracket that begins the list of a listing; -1 for any other text. */
function listStart(text: string): number {
  return HEAD.exec(text)?.[0].length ?? -1;
}

/**
 * Calls `take` with where each object of a listing starts; it returns where the object ends, or -1
 * where there is none. Returns whether the whole text is one listing.
 */
export function readListing(text: string, take: (start: number) => number): boolean {
  let end = listStart(text);
  for (let isFirst = true; end >= 0; isFirst = false) {
    const start = blanksEnd(text, end);
    if (text[start] === ']') return TAIL.test(text.slice(start));
    if (!isFirst && text[start] !== ',') return false;
    end = take(isFirst ? start : blanksEnd(text, start + 1));
  }
  return false;
}

function blanksEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
}

/** Behind the object that starts here, by its brackets; -1: there is none. */
export function bracketsEnd(text: string, start: number): number {
  return text[start] === '{' ? (jsonValueEnd(text, start) ?? -1) : -1;
}

function parsedObjects(text: string, reader: DumpReader): NftObjects {
  const objects = listings(text, reader).flatMap(
    (listing) =>
      listOf(objectOf(listing)?.nftables) ?? reader.fail('the JSON is not a listing of nft'),
  );
  return {
    size: objects.length,
    at: (i) => objects[i],
    isRule: (i) => onlyEntry(objects[i]).kind === 'rule',
  };
}

function listings(text: string, reader: DumpReader): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch (cause) {
    // nft begins each at the start of a line, and jq indents what is in it.
    const several = text.split(/\n(?=\{)/);
    const values = several.length > 1 ? several.map(parsed) : [undefined];
    if (!values.includes(undefined)) return values;
    return broken(cause, reader);
  }
}

function broken(cause: unknown, reader: DumpReader): never {
  return reader.fail(`the listing of nft is broken or cut off: ${messageOf(cause)}`, BROKEN);
}

/** Says where a text is no JSON. */
function fail(text: string, reader: DumpReader): never {
  try {
    JSON.parse(text);
  } catch (cause) {
    return broken(cause, reader);
  }
  return reader.fail('the JSON is not a listing of nft');
}

/** The JSON in a text; `undefined`: there is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
