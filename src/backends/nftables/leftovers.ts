/** Which units of a table decide about no packet, so that deleting them is no difference. */

import type { ChainChange, Chains } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { isLeftBaseChain } from '../../profiles/leftovers.js';
import { referencesOf } from './syntax/line-text.js';
import { makesBaseChain } from './syntax/script-dump.js';

/**
 * Separates deletions of units that no packet reaches, or that only repeat what others do, from all
 * other changes.
 */
export function leftoversOf(
  before: Chains,
  changes: readonly ChainChange[],
): (change: ChainChange) => boolean {
  const isDeleted = ({ action }: ChainChange): boolean => action === 'delete';
  const reached = changes.some(isDeleted) ? reachable(before) : new Set();
  return (change) => {
    if (!isDeleted(change)) return false;
    const key = unitKey(change);
    const { table, name } = change;
    return !reached.has(key) || isLeftBaseChain(table, name, before.get(key)?.lines ?? []);
  };
}

/** Keys of the units that a packet can get to, the table included: from the base chains on. */
function reachable(chains: Chains): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...chains.values()].filter(
    ({ kind, lines }) => kind === 'table' || makesBaseChain(lines[0] ?? ''),
  );
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const { table, lines } = state;
    const key = unitKey(state);
    if (reached.has(key)) continue;
    reached.add(key);
    for (const line of lines)
      for (const named of referencesOf(line)) {
        const next = chains.get(unitKey({ table, ...named }));
        if (next !== undefined) open.push(next);
      }
  }
  return reached;
}
