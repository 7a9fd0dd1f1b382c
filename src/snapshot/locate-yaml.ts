/**
 * Where a path stands in YAML text. js-yaml's own events carry offsets, so that the parser
 * that read the values also says where they are.
 */

import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';
import type { Locator } from './locate.js';

/** A locator for one document, which must be one that could be parsed. */
export function yamlLocator(source: string, start: number, end: number): Locator {
  const text = source.slice(start, end);
  const events = parseEvents(text, {});
  const after = endsOf(events);
  // The first event opens the document, the second one is its value.
  return (path) => {
    let at = offsetOf(events[1]) ?? 0;
    let index = 1;
    for (const step of path) {
      const child = childOf(text, events, after, index, step);
      if (child === undefined) return start + at;
      at = offsetOf(events[child.key]) ?? at;
      index = child.value;
    }
    const value = events[index];
    const scalar = value?.type === EVENT_ID.SCALAR ? offsetOf(value) : undefined;
    return start + (scalar ?? at);
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

/** The events of the key (or of the item itself) and of the value behind one step. */
function childOf(
  text: string,
  events: readonly Event[],
  after: Int32Array,
  parent: number,
  step: string,
): { readonly key: number; readonly value: number } | undefined {
  const type = events[parent]?.type;
  if (type !== EVENT_ID.MAPPING && type !== EVENT_ID.SEQUENCE) return undefined;
  const end = (after[parent] ?? 0) - 1;
  for (let at = parent + 1, item = 0; at < end; item++) {
    const key = events[at];
    const value = type === EVENT_ID.MAPPING ? (after[at] ?? end) : at;
    const matches =
      type === EVENT_ID.SEQUENCE
        ? item === Number(step)
        : key?.type === EVENT_ID.SCALAR && getScalarValue(text, key) === step;
    if (matches) return { key: at, value };
    at = after[value] ?? end;
  }
  return undefined;
}

function offsetOf(event: Event | undefined): number | undefined {
  if (event === undefined) return undefined;
  if (event.type === EVENT_ID.SCALAR) return event.valueStart < 0 ? undefined : event.valueStart;
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return 'start' in event ? event.start : undefined;
}
