/**
 * JSON text: documents, and places in them. A file holds one value, or several in a row as `kubectl
 * get -o json` prints in a loop. JSON.parse does the work; our own scanner finds where values end
 * and where the text breaks, which JSON.parse does not report in a stable form. Recursive parsers,
 * as on npm, would overflow the stack on nested brackets.
 */

import type { Diagnostic } from '../diagnostics.js';
import { jsonValueEnd, stringEnd } from '../json-ends.js';
import type { Steps } from '../steps.js';
import { duplicateKeyWarnings, MapKeys } from './duplicate-keys.js';
import { bracketEnds, jsonProblem, keyText, mostKeys, skipBlanks } from './json-scan.js';
import {
  type DuplicateKey,
  type Locator,
  positionAt,
  type ReadResult,
  type Source,
  type SourceDocument,
  type Stretch,
} from './source.js';
import { isArray, isObject } from './value.js';

/** At most this many broken documents of one source are reported. */
const MAX_BROKEN = 100;

/**
 * The values in a stretch of JSON text, with or without blanks between them, one a step. Linear
 * time.
 */
export function* readJson(source: Source, { start, end }: Stretch): Steps<ReadResult> {
  const documents: SourceDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const duplicates: DuplicateKey[] = [];
  const text = source.text.slice(start, end);
  let ends: ReadonlyMap<number, number> | undefined;
  for (let at = skipGap(text, 0); at < text.length; yield) {
    const keys = new MapKeys();
    const result = jsonProblem(text, at, keys);
    if (typeof result === 'number') {
      const stretch = { start: start + at, end: start + result };
      documents.push({ value: JSON.parse(text.slice(at, result)), syntax: 'json', ...stretch });
      for (const warning of duplicateKeyWarnings(source, start, keys)) diagnostics.push(warning);
      for (const duplicate of keys.duplicates) duplicates.push(duplicate);
      at = skipGap(text, result);
      continue;
    }
    diagnostics.push({
      code: 'invalid-json',
      severity: 'error',
      message: `JSON document cannot be read: ${result.reason}`,
      position: positionAt(source, start + result.offset),
    });
    if (diagnostics.length === MAX_BROKEN) break;
    ends ??= bracketEnds(text, at);
    at = skipGap(text, ends.get(at) ?? nextValue(text, at, result.offset));
  }
  return { documents, diagnostics, duplicates };
}

/** The value of a text that is one JSON value, or undefined. */
export function* readWholeJson(source: Source, start: number): Steps<ReadResult | undefined> {
  const text = source.text.slice(start);
  const value = parseJson(text);
  if (value === undefined) return undefined;
  yield;
  const document = { value, syntax: 'json', start, end: source.text.length } as const;
  const keys = new MapKeys();
  // The scan costs more than the parser does, and counting costs little.
  if (mostKeys(text) !== memberCount(value)) jsonProblem(text, 0, keys);
  const diagnostics = duplicateKeyWarnings(source, start, keys);
  return { documents: [document], diagnostics, duplicates: keys.duplicates };
}

/** The value of JSON text, or undefined if it is not valid. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How many members all objects in a parsed value have. */
function memberCount(value: unknown): number {
  const open = [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isArray(next)) for (const item of next) open.push(item);
    if (isObject(next)) count += openMembers(next, open);
  }
  return count;
}

/** Adds the members of an object to a list, without a copy as `Object.values` makes one. */
function openMembers(object: Readonly<Record<string, unknown>>, open: unknown[]): number {
  let count = 0;
  for (const key in object) {
    count++;
    if (typeof object[key] === 'object') open.push(object[key]);
  }
  return count;
}

/**
 * Where to continue after a value without an end: at the next brace in the first column, because
 * printers indent what is inside a document; after a stray word, at the next brace.
 */
function nextValue(text: string, at: number, broken: number): number {
  const isWord = !'{['.includes(text.charAt(at));
  const next = isWord ? text.indexOf('{', at + 1) : text.indexOf('\n{', Math.max(at, broken - 1));
  if (next < 0) return text.length;
  return isWord ? next : next + 1;
}

/** The offset of the next character between two values that is neither blank nor a BOM. */
function skipGap(text: string, from: number): number {
  let at = skipBlanks(text, from);
  while (text[at] === '\uFEFF') at = skipBlanks(text, at + 1);
  return at;
}

/** One member or item: where its key (or itself) and its value begin. */
interface Entry {
  readonly step: string;
  readonly at: number;
  readonly value: number;
}

/** A locator for the valid JSON value that starts here. Containers are scanned once. */
export function jsonLocator(text: string, start: number): Locator {
  const scanned = new Map<number, ReadonlyMap<string, Entry>>();
  const entriesAt = (offset: number): ReadonlyMap<string, Entry> => {
    const known = scanned.get(offset);
    if (known !== undefined) return known;
    const entries = new Map(scan(text, offset).map((entry) => [entry.step, entry]));
    scanned.set(offset, entries);
    return entries;
  };
  return (path, part = 'value') => {
    let at = skipBlanks(text, start);
    let value = at;
    for (const step of path) {
      const isContainer = '{['.includes(text.charAt(value));
      const entry = isContainer ? entriesAt(value).get(String(step)) : undefined;
      if (entry === undefined) return at;
      ({ at, value } = entry);
    }
    return part === 'key' || '{['.includes(text.charAt(value)) ? at : value;
  };
}

function scan(text: string, open: number): readonly Entry[] {
  const isObject = text[open] === '{';
  const entries: Entry[] = [];
  let at = skipBlanks(text, open + 1);
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    const keyEnd = isObject ? stringEnd(text, at) : at;
    if (keyEnd === undefined) break;
    const value = isObject ? skipBlanks(text, skipBlanks(text, keyEnd) + 1) : at;
    const step = isObject ? keyText(text.slice(at, keyEnd)) : `${entries.length}`;
    entries.push({ step, at, value });
    at = skipBlanks(text, jsonValueEnd(text, value) ?? text.length);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return entries;
}
