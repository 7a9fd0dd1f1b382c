/**
 * Completes the changes of units that nft cannot change but only make anew: a base chain with another priority, a map of
 * another type, a set with another timeout. What leads to them has to let go for the moment in between. Pure.
 */

import type { ChainChange, ChainState, Chains, RuleChange } from '../../plan/types.js';
import { declaredKind, namesIn, withoutComment } from './ownership.js';

/** What becomes of the unit itself; `stays`: only its lines change. */
export type Fate = 'create' | 'delete' | 'replace' | 'stays';

/** What a change does to its unit: told by the line that makes it, which is among those that come or go. */
export function fateOf({ rules }: ChainChange): Fate {
  const gone = rules.find(({ op, line }) => op === 'remove' && declaredKind(line) !== '');
  const come = rules.find(({ op, line }) => op === 'add' && declaredKind(line) !== '');
  if (gone === undefined) return come === undefined ? 'stays' : 'create';
  if (come === undefined) return 'delete';
  return withoutComment(gone.line) === withoutComment(come.line) ? 'stays' : 'replace';
}

/**
 * The changes, where a replaced unit brings all of its lines, and what leads to it from elsewhere is written anew. A chain
 * that is written anew for this alone has no rules that differ.
 */
export function replacements(
  changes: readonly ChainChange[],
  before: Chains,
  after: Chains,
): readonly ChainChange[] {
  const replaced = new Set(
    changes.filter((change) => fateOf(change) === 'replace').map(({ chain }) => chain),
  );
  replaced.delete('');
  if (replaced.size === 0) return changes;
  const byKey = new Map(changes.map((change) => [`${change.table} ${change.chain}`, change]));
  for (const [key, wanted] of after) {
    const change = byKey.get(key);
    if (replaced.has(wanted.chain)) {
      if (change !== undefined)
        byKey.set(key, { ...change, action: 'rewrite', lines: wanted.lines });
      continue;
    }
    const found = before.get(key);
    const leading = found?.lines.filter((line) => namesIn(line).some((name) => replaced.has(name)));
    if (leading === undefined || leading.length === 0) continue;
    if (wanted.order === 'shared') byKey.set(key, withElements(change, wanted, leading));
    else if (change === undefined)
      byKey.set(key, { ...edit(wanted), action: 'rewrite', lines: wanted.lines });
  }
  return [...byKey.values()];
}

/** The change in which elements go that lead to a replaced chain, and come again if they are wanted. */
function withElements(
  change: ChainChange | undefined,
  wanted: ChainState,
  leading: readonly string[],
): ChainChange {
  const base = change ?? edit(wanted);
  const known = new Set(base.rules.map(({ line }) => line));
  const again = leading.filter((line) => !known.has(line));
  const rule = (op: RuleChange['op']) => (line: string) =>
    ({ op, line, origin: '', at: 'head' }) as const;
  return {
    ...base,
    rules: [...base.rules, ...again.map(rule('remove')), ...again.map(rule('add'))],
  };
}

function edit({ table, chain, origin }: ChainState): ChainChange {
  return { table, chain, origin, action: 'edit', rules: [], lines: [], guard: '' };
}
