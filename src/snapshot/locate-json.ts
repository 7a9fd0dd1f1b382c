/** Where a path stands in JSON text, by scanning alone. */

import { jsonValueEnd, skipBlanks, stringEnd } from './json-scan.js';
import type { Locator } from './locate.js';

/** One member or item: where its key (or itself) and its value begin. */
interface Entry {
  readonly step: string;
  readonly at: number;
  readonly value: number;
}

/** A locator for the sound JSON value that starts here. Containers are scanned once. */
export function jsonLocator(text: string, start: number): Locator {
  const scanned = new Map<number, ReadonlyMap<string, Entry>>();
  const entriesAt = (offset: number): ReadonlyMap<string, Entry> => {
    const known = scanned.get(offset);
    if (known !== undefined) return known;
    const entries = new Map(scan(text, offset).map((entry) => [entry.step, entry]));
    scanned.set(offset, entries);
    return entries;
  };
  return (path) => {
    let at = skipBlanks(text, start);
    let value = at;
    for (const step of path) {
      const entry = '{['.includes(text.charAt(value)) ? entriesAt(value).get(step) : undefined;
      if (entry === undefined) return at;
      ({ at, value } = entry);
    }
    return '{['.includes(text.charAt(value)) ? at : value;
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
    entries.push({
      step: isObject ? keyText(text.slice(at, keyEnd)) : `${entries.length}`,
      at,
      value,
    });
    at = skipBlanks(text, jsonValueEnd(text, value) ?? text.length);
    if (text[at] === ',') at = skipBlanks(text, at + 1);
  }
  return entries;
}

function keyText(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
