/** What is loaded after a failed load: a rollback, or a plan without preconditions. Pure. */

import type { Family } from '../../net/ip.js';
import { withoutGuard } from '../../plan/plan.js';
import type { ChainChange, ChainState, FamilyPlan } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import type { Ruleset } from '../../ruleset/types.js';
import { finish } from '../../steps.js';
import type { InputTarget } from '../tools.js';
import { dumpChains, rulesetChains } from './chains.js';
import { ownershipOf, type Remembered } from './ownership.js';
import { planTo, unconditional } from './plan.js';
import { restoreInput } from './restore-input.js';
import type { Dump } from './syntax/parse.js';

/**
 * The input that makes our chains, and our rules in the chains of others, what they were in
 * `before`; `''` where they are. KUBE-FIREWALL is deleted where it was not there.
 */
export function rollbackInput(
  before: Dump,
  now: Dump,
  family: Family,
  target: InputTarget,
  remembered: Remembered,
): string {
  const had = (dump: Dump): boolean => dump.tables.get('filter')?.has('KUBE-FIREWALL') === true;
  return [
    restoreInput(planRollback(before, now, family, remembered), target),
    !had(before) && had(now) ? '*filter\n-X KUBE-FIREWALL\nCOMMIT\n' : '',
  ].join('');
}

/**
 * What brings our chains, and our rules in the chains of others, from `now` back to what they were
 * in `before`, without preconditions.
 */
function planRollback(before: Dump, now: Dump, family: Family, remembered: Remembered): FamilyPlan {
  const held = dumpChains(before, ownershipOf(new Map(), remembered));
  const wanted = new Map([...held].map(([key, state]) => [key, inOrder(state)]));
  const ownership = ownershipOf(wanted, remembered);
  // Jumps to our chains that were not there before are deleted.
  return unconditional(finish(planTo(wanted, now, family, ownership, () => true)));
}

function inOrder(state: ChainState): ChainState {
  return state.order === 'partial' ? state : { ...state, order: 'ordered' };
}

/**
 * The plan with every edit of a chain of ours as a rewrite, and without preconditions: a rule whose
 * text the tool does not give back as it takes it can neither be deleted nor checked by its text.
 */
export function withoutEdits(plan: FamilyPlan, ruleset: Ruleset): FamilyPlan {
  const wanted = rulesetChains(ruleset);
  const changes = plan.changes.map((change): ChainChange => {
    const state = wanted.get(unitKey(change));
    if (change.action !== 'edit' || state === undefined || state.order === 'partial')
      return withoutGuard(change);
    return { ...change, action: 'rewrite', lines: state.lines };
  });
  const uncommented = plan.uncommented.map(({ guard, ...change }) => change);
  return { ...plan, changes, uncommented, leftovers: plan.leftovers.map(withoutGuard) };
}
