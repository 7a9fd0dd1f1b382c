/** Maps that differ in few entries share the others, as copying a large one takes milliseconds. */

/** Entries beside a base that is shared, at most; more are copied together with it. */
const MOST_CHANGES = 1000;

/** New values by key; `undefined` for a key that goes. */
type Changes<V> = readonly (readonly [string, V | undefined])[];

/** A base, and what differs from it. Keys keep their place, and new ones come last, as in a Map. */
class ChangedMap<V> implements ReadonlyMap<string, V> {
  readonly base: ReadonlyMap<string, V>;
  /** New values, also of keys that the base does not have; a key without value is deleted. */
  readonly changes: ReadonlyMap<string, V | undefined>;
  readonly size: number;

  constructor(base: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V | undefined>) {
    this.base = base;
    this.changes = changes;
    let { size } = base;
    for (const [key, value] of changes) size += Number(value !== undefined) - Number(base.has(key));
    this.size = size;
  }

  get(key: string): V | undefined {
    return this.changes.has(key) ? this.changes.get(key) : this.base.get(key);
  }

  has(key: string): boolean {
    return this.changes.has(key) ? this.changes.get(key) !== undefined : this.base.has(key);
  }

  *entries(): Generator<[string, V], undefined> {
    for (const [key, value] of this.base) {
      const now = this.changes.has(key) ? this.changes.get(key) : value;
      if (now !== undefined) yield [key, now];
    }
    for (const [key, value] of this.changes)
      if (value !== undefined && !this.base.has(key)) yield [key, value];
  }

  *keys(): Generator<string, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this.entries()) callback(value, key, this);
  }

  [Symbol.iterator](): Generator<[string, V], undefined> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'Map';
  }
}

/**
 * The map with these values, and without the keys whose value is `undefined`. What it costs depends
 * on the number of changes, but once in many times.
 */
export function changedMap<V extends object>(
  map: ReadonlyMap<string, V>,
  changes: Changes<V>,
): ReadonlyMap<string, V> {
  const { base, known } = partsOf(map);
  const next = new Map(known);
  for (const [key, value] of changes) {
    // A key that was deleted comes back as the last one.
    if (next.has(key) && next.get(key) === undefined) return copied(map, changes);
    if (value === undefined && !base.has(key)) next.delete(key);
    else next.set(key, value);
  }
  return next.size > Math.min(MOST_CHANGES, base.size / 8)
    ? copied(map, changes)
    : new ChangedMap(base, next);
}

function copied<V>(map: ReadonlyMap<string, V>, changes: Changes<V>): ReadonlyMap<string, V> {
  const next = new Map(map);
  for (const [key, value] of changes)
    if (value === undefined) next.delete(key);
    else next.set(key, value);
  return next;
}

/**
 * The keys in which maps can differ, in any order; `undefined` where they share nothing and all
 * keys have to be compared.
 */
export function keysToCompare<V>(
  a: ReadonlyMap<string, V>,
  b: ReadonlyMap<string, V>,
): ReadonlySet<string> | undefined {
  const [before, after] = [partsOf(a), partsOf(b)];
  if (before.base !== after.base) return undefined;
  return new Set([...before.known.keys(), ...after.known.keys()]);
}

const NO_CHANGES: ReadonlyMap<string, undefined> = new Map();

function partsOf<V>(map: ReadonlyMap<string, V>): {
  readonly base: ReadonlyMap<string, V>;
  readonly known: ReadonlyMap<string, V | undefined>;
} {
  return map instanceof ChangedMap
    ? { base: map.base, known: map.changes }
    : { base: map, known: NO_CHANGES };
}
