/**
 * The entries of a model: a list sorted by Service, with binary search. Copying a list of 10,000
 * entries for a change is far cheaper than copying a map.
 */

import { compareText } from './order.js';
import type { NamespacedName, ServiceEntry } from './types.js';

type Entries = readonly ServiceEntry[];

/** The entry of a Service; `undefined` where there is none. */
export function entryOf(entries: Entries, name: NamespacedName): ServiceEntry | undefined {
  const found = entries[placeOf(entries, name)];
  return found?.name === name ? found : undefined;
}

/** The list in which these Services have these entries, or none any more. */
export function withEntries(
  entries: Entries,
  changes: ReadonlyMap<NamespacedName, ServiceEntry | undefined>,
): Entries {
  const next = [...entries];
  for (const [name, entry] of changes) {
    const place = placeOf(next, name);
    const old = next[place]?.name === name ? 1 : 0;
    if (entry === undefined) next.splice(place, old);
    else next.splice(place, old, entry);
  }
  return next;
}

/** The index of the first entry that does not come before the name. */
function placeOf(entries: Entries, name: NamespacedName): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareText(entries[middle]?.name ?? '', name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
