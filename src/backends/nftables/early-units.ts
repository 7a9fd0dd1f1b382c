/**
 * What has to be in the kernel before a change. A packet keeps the rules that it began with, but
 * looks up elements as they are at that moment: in the middle of a transaction it may be sent to a
 * chain that this transaction makes, and finds no rules in it. It would leave without translation.
 */

import { changedLines, wholeLines } from '../../plan/plan.js';
import type { ChainChange } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { unitActionOf } from './diff.js';
import { elementKey, isDeclaration, referencesOf } from './syntax/line-text.js';

/**
 * The new units, by {@link unitKey}, that elements which were there already are to lead to, with
 * everything new that these refer to. None where they refer to a unit that is new, too.
 * Elements of a new key are left out: nothing was translated for their packets before.
 */
export function earlyUnits(changes: readonly ChainChange[]): ReadonlySet<string> {
  const created = keysOf(changes, 'create');
  const replaced = keysOf(changes, 'replace');
  const early = new Set<string>();
  const open = changes.flatMap(movedElements).flatMap(referencesIn);
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (replaced.has(key)) return new Set();
    const change = created.get(key);
    if (change === undefined || early.has(key)) continue;
    early.add(key);
    for (const line of wholeLines(change))
      for (const named of referencesIn({ change, line })) open.push(named);
  }
  return early;
}

interface Line {
  readonly change: ChainChange;
  readonly line: string;
}

function keysOf(
  changes: readonly ChainChange[],
  action: 'create' | 'replace',
): ReadonlyMap<string, ChainChange> {
  return new Map(
    changes
      .filter((change) => unitActionOf(change) === action)
      .map((change) => [unitKey(change), change]),
  );
}

/** Added elements whose key is deleted as well. */
function movedElements(change: ChainChange): readonly Line[] {
  if (change.kind !== 'set' || change.action !== 'edit') return [];
  const removed = new Set(changedLines(change, 'remove').map(elementKey));
  return changedLines(change, 'add')
    .filter((line) => !isDeclaration(line) && removed.has(elementKey(line)))
    .map((line) => ({ change, line }));
}

function referencesIn({ change: { table }, line }: Line): readonly string[] {
  return isDeclaration(line) ? [] : referencesOf(line).map((named) => unitKey({ table, ...named }));
}
