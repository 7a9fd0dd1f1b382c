/** Finds places in YAML text by the events of js-yaml, which carry offsets. */

import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import { MapKeys } from './duplicate-keys.js';
import type { Locator } from './source.js';

/** The keys of each map in a text that can be parsed, duplicate keys aside. */
export function yamlKeys(text: string): MapKeys {
  const keys = new MapKeys();
  /** What the next event is in each open container; in the document it is an item. */
  const open: ('key' | 'value' | 'item')[] = [];
  for (const event of parseEvents(text, {})) {
    if (event.type === EVENT_ID.POP) {
      open.pop();
      keys.close();
      continue;
    }
    const due = open.pop();
    if (due === 'key' && event.type === EVENT_ID.SCALAR)
      keys.key(getScalarValue(text, event), event.valueStart);
    if (due !== undefined) open.push(AFTER[due]);
    if (isContainer(event)) {
      const isMap = event.type === EVENT_ID.MAPPING;
      open.push(isMap ? 'key' : 'item');
      keys.open(isMap);
    }
  }
  return keys;
}

const AFTER = { key: 'value', value: 'key', item: 'item' } as const;

/** Whether an event opens something that a later one closes: the document, a map, a list. */
function isContainer({ type }: Event): boolean {
  return type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS && type !== EVENT_ID.POP;
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
  for (const [i, event] of events.entries()) {
    after[i] = i + 1;
    if (event.type === EVENT_ID.POP) {
      const opener = open.pop();
      if (opener !== undefined) after[opener] = i + 1;
    } else if (isContainer(event)) open.push(i);
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
  const end = (after[parent] ?? 0) - 1;
  if (events[parent]?.type === EVENT_ID.MAPPING) return membersOf(text, events, after, parent, end);
  if (events[parent]?.type === EVENT_ID.SEQUENCE) return itemsOf(after, parent, end);
  return new Map();
}

function membersOf(
  text: string,
  events: readonly Event[],
  after: Int32Array,
  parent: number,
  end: number,
): ReadonlyMap<string, Child> {
  const members = new Map<string, Child>();
  for (let at = parent + 1; at < end; ) {
    const key = events[at];
    const value = after[at] ?? end;
    if (key?.type === EVENT_ID.SCALAR) members.set(getScalarValue(text, key), { key: at, value });
    at = after[value] ?? end;
  }
  return members;
}

function itemsOf(after: Int32Array, parent: number, end: number): ReadonlyMap<string, Child> {
  const items = new Map<string, Child>();
  for (let at = parent + 1; at < end; at = after[at] ?? end)
    items.set(String(items.size), { key: at, value: at });
  return items;
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
