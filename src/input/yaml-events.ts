/**
 * Places in YAML text by the events of js-yaml, which carry offsets: the parser that read the
 * values also says where they are.
 */

import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import type { Locator } from './source.js';

/** A key that its map already had. */
export interface DuplicateKey {
  readonly key: string;
  readonly offset: number;
}

/** At most this many duplicate keys of one document are reported. */
const MAX_DUPLICATES = 20;

/** The keys that are given again in their map, in a text that can be parsed but for them. */
export function duplicateKeys(text: string): readonly DuplicateKey[] {
  const found: DuplicateKey[] = [];
  /** For each open container the keys so far, and whether the next event is a key. */
  const open: { readonly keys: Set<string> | undefined; atKey: boolean }[] = [];
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      continue;
    }
    const parent = open.at(-1);
    if (parent?.keys !== undefined && parent.atKey && event.type === EVENT_ID.SCALAR) {
      const key = getScalarValue(text, event);
      if (parent.keys.has(key) && found.length < MAX_DUPLICATES) {
        found.push({ key, offset: event.valueStart });
      }
      parent.keys.add(key);
    }
    if (parent !== undefined) parent.atKey = !parent.atKey;
    if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) {
      const keys = event.type === EVENT_ID.MAPPING ? new Set<string>() : undefined;
      open.push({ keys, atKey: true });
    }
  }
  return found;
}

/** One member or item: the indexes of the events of its key (or itself) and of its value. */
interface Child {
  readonly key: number;
  readonly value: number;
}

/** A locator for one document that could be parsed. Of equal keys it finds the last. */
export function yamlLocator(source: string, start: number, end: number): Locator {
  const text = source.slice(start, end);
  const events = parseEvents(text, {});
  const after = endsOf(events);
  const indexed = new Map<number, ReadonlyMap<string, Child>>();
  const childrenAt = (index: number): ReadonlyMap<string, Child> => {
    const known = indexed.get(index) ?? childrenOf(text, events, after, index);
    indexed.set(index, known);
    return known;
  };
  // The first event opens the document, the second one is its value.
  return (path, part = 'value') => {
    let at = offsetOf(events[1]) ?? 0;
    let index = 1;
    for (const step of path) {
      const child = childrenAt(index).get(String(step));
      if (child === undefined) return start + at;
      at = offsetOf(events[child.key]) ?? at;
      index = child.value;
    }
    const value = events[index];
    const isScalar = part === 'value' && value?.type === EVENT_ID.SCALAR;
    return start + ((isScalar ? offsetOf(value) : undefined) ?? at);
  };
}

/** For each event that opens something, the index behind the event that closes it. */
function endsOf(events: readonly Event[]): Int32Array {
  const after = new Int32Array(events.length);
  const open: number[] = [];
  for (const [i, { type }] of events.entries()) {
    after[i] = i + 1;
    if (type === EVENT_ID.POP) {
      const opener = open.pop();
      if (opener !== undefined) after[opener] = i + 1;
    } else if (type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS) open.push(i);
  }
  return after;
}

/** The members or items of one container by their key or index; none of anything else. */
function childrenOf(
  text: string,
  events: readonly Event[],
  after: Int32Array,
  parent: number,
): ReadonlyMap<string, Child> {
  const children = new Map<string, Child>();
  const type = events[parent]?.type;
  if (type !== EVENT_ID.MAPPING && type !== EVENT_ID.SEQUENCE) return children;
  const end = (after[parent] ?? 0) - 1;
  for (let at = parent + 1; at < end; ) {
    const key = events[at];
    const value = type === EVENT_ID.MAPPING ? (after[at] ?? end) : at;
    if (type === EVENT_ID.SEQUENCE) children.set(String(children.size), { key: at, value });
    else if (key?.type === EVENT_ID.SCALAR) {
      children.set(getScalarValue(text, key), { key: at, value });
    }
    at = after[value] ?? end;
  }
  return children;
}

/** Of a quoted scalar the offset of its quote; the event has that of its text. */
function scalarOffset({ valueStart, style }: ScalarEvent): number | undefined {
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return valueStart < 0 ? undefined : valueStart - (isQuoted ? 1 : 0);
}

function offsetOf(event: Event | undefined): number | undefined {
  if (event === undefined) return undefined;
  if (event.type === EVENT_ID.SCALAR) return scalarOffset(event);
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return 'start' in event ? event.start : undefined;
}
