/**
 * Long Lists in YAML, such as `kubectl get -o yaml` prints: read some items at a time, because a
 * parser cannot be interrupted.
 */

import type { Steps } from '../steps.js';
import { isArray, isObject } from './value.js';

/** Characters that are parsed in one step, in some 10 ms. */
const STEP = 64 * 1024;

/** Where the items of a List stand in a text. */
interface CutList {
  readonly start: number;
  readonly end: number;
  /** Where each item begins. */
  readonly items: readonly number[];
}

/**
 * The document in a text, if that is a map with a long block sequence `items`; `undefined` for any
 * other text, also for one that is wrong or has anchors: it must be read as a whole. `load` parses
 * the documents of a text.
 */
export function* readLongList(
  text: string,
  load: (text: string) => readonly unknown[],
): Steps<object | undefined> {
  const list = text.length > 2 * STEP ? cutList(text) : undefined;
  if (list === undefined) return undefined;
  try {
    const [map, ...others] = load(`${text.slice(0, list.start)}${text.slice(list.end)}`);
    if (!isObject(map) || others.length > 0 || (map.items ?? null) !== null) return undefined;
    const items: unknown[] = [];
    for (const part of partsOf(text, list)) {
      yield;
      const [value, ...more] = load(part);
      if (!isArray(value) || more.length > 0) return undefined;
      for (const item of value) items.push(item);
    }
    return { ...map, items };
  } catch {
    return undefined;
  }
}

/**
 * Finds the items by their indentation: everything in an item is indented more than its dash, but
 * for blank lines and comments.
 */
function cutList(text: string): CutList | undefined {
  const key = /^items:[ \t]*\r?\n( *)(?=- )/m.exec(text);
  // An alias in one item may stand for something in another.
  if (key === null || /(?:^|[\s[{,])[&*][^\s&*]/m.test(text)) return undefined;
  const [head, indent = ''] = key;
  const start = key.index + head.length - indent.length;
  const items: number[] = [];
  const outermost = new RegExp(`^ {0,${indent.length}}(?=[^\\s#])`, 'gm');
  outermost.lastIndex = start;
  for (let found = outermost.exec(text); found !== null; found = outermost.exec(text)) {
    if (!text.startsWith(`${indent}- `, found.index)) return { start, end: found.index, items };
    items.push(found.index);
    // Where nothing is indented, a match is empty.
    outermost.lastIndex = found.index + indent.length + 1;
  }
  return { start, end: text.length, items };
}

/** The items in parts of about a step. */
function* partsOf(text: string, { start, end, items }: CutList): Generator<string> {
  let from = start;
  for (const item of items) {
    if (item - from < STEP) continue;
    yield text.slice(from, item);
    from = item;
  }
  yield text.slice(from, end);
}
