/** Questions about one change of a plan that more than one stage asks. */

import type { ChainChange, RuleChange } from './types.js';

/** The lines that a change adds (`add`) or takes away (`remove`), in the order of the change. */
export function changedLines({ rules }: ChainChange, op: RuleChange['op']): readonly string[] {
  return rules.filter((rule) => rule.op === op).map(({ line }) => line);
}

/** All that the chain holds after a creation or a rewrite; empty for other changes. */
export function wholeLines(change: ChainChange): readonly string[] {
  return change.action === 'create' || change.action === 'rewrite' ? change.lines : [];
}

/** The precondition of a change as a list of no or one line. */
export function guardLines(change: ChainChange): readonly string[] {
  const guarded = change.action === 'rewrite' || change.action === 'delete';
  return guarded && change.guard !== undefined ? [change.guard] : [];
}

/** The change without its precondition. */
export function withoutGuard(change: ChainChange): ChainChange {
  if (change.action !== 'rewrite' && change.action !== 'delete') return change;
  const { guard, ...unguarded } = change;
  return unguarded;
}
