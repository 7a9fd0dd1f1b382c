/** Finds the keys whose values differ between two maps, in linear time. */

/**
 * The keys whose values are not the identical ones, those that only one of the maps holds included,
 * each once. An update copies a map and its keys keep their order, so that comparing lists nearly
 * always takes the place of ten thousand look-ups.
 */
export function changedKeys<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): readonly string[] {
  if (before === after) return [];
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
