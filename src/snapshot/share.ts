/** Lets snapshots share what did not change, and finds what did. */

import { isArray, isObject } from '../input/value.js';
import { keysToCompare } from './changed-map.js';
import type { EndpointSlice, ServiceCidr, Snapshot } from './types.js';

/**
 * The later snapshot, sharing with the earlier one every object, list and map that is equal, and
 * the earlier one itself where nothing differs: later stages skip what is identical, so that
 * reading all files again does not compile all Services again.
 */
export function shareSnapshot(before: Snapshot, after: Snapshot): Snapshot {
  const services = shareMap(before.services, after.services, shareValue);
  const slices = shareMap(before.slices, after.slices, shareList);
  const nodes = shareMap(before.nodes, after.nodes, shareValue);
  const serviceCidrs = shareList(before.serviceCidrs, after.serviceCidrs);
  const skippedKinds = shareMap(before.skippedKinds, after.skippedKinds, shareValue);
  const same =
    services === before.services &&
    slices === before.slices &&
    nodes === before.nodes &&
    serviceCidrs === before.serviceCidrs &&
    skippedKinds === before.skippedKinds;
  return same ? before : { services, slices, nodes, serviceCidrs, skippedKinds };
}

/**
 * Whether two values are deeply equal. The order of keys does not count, the order of items does.
 */
export function equalValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (isArray(a)) {
    return isArray(b) && a.length === b.length && a.every((item, i) => equalValues(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalValues(a[key], b[key]))
  );
}

function shareValue<T>(before: T, after: T): T {
  return equalValues(before, after) ? before : after;
}

/** Keeps the order of the earlier map, as a change by `updateSnapshot` does. */
function shareMap<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
  share: (before: V, after: V) => V,
): ReadonlyMap<string, V> {
  const changed: [string, V][] = [];
  for (const [key, value] of after) {
    const known = before.get(key);
    const shared = known === undefined ? value : share(known, value);
    if (shared !== known) changed.push([key, shared]);
  }
  const removed = [...before.keys()].filter((key) => !after.has(key));
  if (changed.length === 0 && removed.length === 0) return before;
  const next = new Map(before);
  for (const key of removed) next.delete(key);
  for (const [key, value] of changed) next.set(key, value);
  return next;
}

/** Lists of objects that are found by their names. */
function shareList<T extends EndpointSlice | ServiceCidr>(
  before: readonly T[],
  after: readonly T[],
): readonly T[] {
  const known = new Map(before.map((object) => [object.metadata.name, object]));
  const next = after.map((object) => shareValue(known.get(object.metadata.name) ?? object, object));
  const same = next.length === before.length && next.every((object, i) => object === before[i]);
  return same ? before : next;
}

/**
 * The keys whose values are not the identical ones, those that only one of the maps holds included,
 * each once. Of maps that share a base only the changes are compared. Keys of others keep their
 * order in an update, so that comparing lists nearly always takes the place of many look-ups.
 */
export function changedKeys<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): readonly string[] {
  if (before === after) return [];
  const few = keysToCompare(before, after);
  if (few !== undefined) return [...few].filter((key) => before.get(key) !== after.get(key));
  const keys = [...after.keys()];
  const values = [...after.values()];
  const oldKeys = [...before.keys()];
  const oldValues = [...before.values()];
  const changed: string[] = [];
  let at = 0;
  for (let i = 0; i < oldKeys.length; i++) {
    const key = oldKeys[i] ?? '';
    const beside = keys[at] === key;
    const value = beside ? values[at] : after.get(key);
    if (beside) at++;
    if (value !== oldValues[i]) changed.push(key);
  }
  for (const key of keys.slice(at)) if (!before.has(key)) changed.push(key);
  return changed;
}
