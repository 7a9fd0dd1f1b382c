/**
 * Elements of a set or map in a listing that are IPv4 addresses, protocols and ports, and what
 * these lead to. Large ones have tens of thousands, and a question needs few of them.
 */

import { jsonValueEnd } from '../../../json-ends.js';
import { parsed } from './json-listings.js';
import { BLANKS, patternOf } from './json-shapes.js';
import { listOf } from './json-values.js';
import type { LateElements } from './open-unit.js';
import type { Element, NearElement } from './units.js';
import { PLAIN_FIELDS } from './values.js';

/** Items in a text, each of which is what a pattern says. */
export interface PlainItems {
  /** All items. */
  readonly text: string;
  /** Where each item starts. */
  readonly starts: readonly number[];
  /** Where the text ends in that of the listing. */
  readonly end: number;
}

/**
 * The items of the list whose first item starts here. `undefined` where one of them is anything
 * but a key with fields of these types, in a map with a value that is like that of the first.
 */
export function plainItems(
  text: string,
  first: number,
  types: readonly string[],
  isMap: boolean,
): PlainItems | undefined {
  const key = keyPattern(types);
  const source = key === undefined || !isMap ? key : pairPattern(text, first, key);
  if (source === undefined) return undefined;
  const [item, comma] = [new RegExp(source, 'y'), new RegExp(joined('', ',', ''), 'y')];
  const starts: number[] = [];
  for (let at = first; ; at = comma.lastIndex) {
    item.lastIndex = at;
    if (!item.test(text)) return undefined;
    starts.push(at - first);
    comma.lastIndex = item.lastIndex;
    if (!comma.test(text)) {
      const end = item.lastIndex;
      return { text: text.slice(first, end), starts, end };
    }
  }
}

function joined(...parts: readonly string[]): string {
  return parts.join(BLANKS);
}

/** Strings are in quotes. */
const FIELDS: Readonly<Record<string, string>> = {
  ...PLAIN_FIELDS,
  ...{ ipv4_addr: `"${PLAIN_FIELDS.ipv4_addr}"`, inet_proto: `"${PLAIN_FIELDS.inet_proto}"` },
};

function keyPattern(types: readonly string[]): string | undefined {
  const fields = types.flatMap((type) => FIELDS[type] ?? []);
  if (fields.length === 0 || fields.length < types.length) return undefined;
  if (fields.length === 1) return fields[0];
  return joined('\\{', '"concat"', ':', '\\[', fields.join(joined('', ',', '')), '\\]', '\\}');
}

/** A key with any value that is like the one that stands behind the key here. */
function pairPattern(text: string, first: number, key: string): string | undefined {
  const begin = new RegExp(joined('\\[', key, ',', ''), 'y');
  begin.lastIndex = first;
  if (!begin.test(text)) return undefined;
  const value = parsed(text.slice(begin.lastIndex, jsonValueEnd(text, begin.lastIndex)));
  return value === undefined ? undefined : joined('\\[', key, ',', patternOf(value), '\\]');
}

/** Reads the items that are asked for. */
export class LateItems implements LateElements {
  private readonly items: PlainItems;
  private readonly elementsOf: (item: unknown) => readonly Element[];

  constructor(items: PlainItems, elementsOf: (item: unknown) => readonly Element[]) {
    this.items = items;
    this.elementsOf = elementsOf;
  }

  get size(): number {
    return this.items.starts.length;
  }

  read(): readonly Element[] {
    const all = listOf(parsed(`[${this.items.text}]`)) ?? [];
    return all.flatMap(this.elementsOf);
  }

  near(address: string): readonly NearElement[] {
    // Of this set alone: a search of the whole listing for each of its sets would be quadratic.
    const { text, starts } = this.items;
    const searched = `"${address}"`;
    const found: NearElement[] = [];
    let at = text.indexOf(searched);
    while (at >= 0) {
      const position = lastUpTo(starts, at);
      const next = starts[position + 1] ?? text.length;
      for (const element of this.elementsOf(itemIn(text.slice(starts[position], next))))
        found.push({ ...element, position });
      at = text.indexOf(searched, next);
    }
    return found;
  }
}

/** The item that a text begins with, of which a comma may be left. */
function itemIn(text: string): unknown {
  return parsed(text.slice(0, jsonValueEnd(text, 0)));
}

/** The position of the last number of a sorted list that is not above a limit. */
function lastUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? limit) <= limit) low = middle;
    else high = middle;
  }
  return low;
}
