/** What is loaded when loading went wrong: back to what was there, and forward without relying on what is there. Pure. */

import type { Family } from '../../net/ip.js';
import { withoutGuard } from '../../plan/chain-change.js';
import type { ChainChange, ChainState, FamilyPlan } from '../../plan/types.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { InputOptions } from '../backend.js';
import { dumpChains, rulesetChains } from './chains.js';
import { restoreInput } from './restore-input.js';
import type { Dump } from './syntax/parse.js';

/**
 * The input that makes our chains, and our jumps in the chains of others, what they were in `before`; `''` where
 * they are. KUBE-FIREWALL goes again where we made it.
 */
export function rollbackInput(
  before: Dump,
  now: Dump,
  family: Family,
  options: InputOptions,
): string {
  const made = [before, now].map(
    (dump) => dump.tables.get('filter')?.has('KUBE-FIREWALL') === true,
  );
  const firewall = made[0] === false && made[1] === true;
  return [
    restoreInput(planReturn(before, now, family), options),
    firewall ? '*filter\n-X KUBE-FIREWALL\nCOMMIT\n' : '',
  ].join('');
}

/** Chains whose lines are the same are not touched, and in chains of others only what came since is taken out. */
function planReturn(before: Dump, now: Dump, family: Family): FamilyPlan {
  const old = dumpChains(before);
  const found = dumpChains(now);
  const changes: ChainChange[] = [];
  for (const [key, state] of old) {
    const there = found.get(key);
    if (state.order === 'guest') changes.push(...guestReturn(state, there));
    else if (there === undefined || there.lines.join('\n') !== state.lines.join('\n'))
      changes.push({
        ...place(state),
        rules: [],
        action: there === undefined ? 'create' : 'rewrite',
        lines: state.lines,
      });
  }
  for (const [key, state] of found) {
    if (old.has(key)) continue;
    if (state.order === 'guest') changes.push(...guestReturn({ ...state, lines: [] }, state));
    else changes.push({ ...place(state), rules: [], action: 'delete' });
  }
  return {
    family,
    backend: 'iptables',
    base: '',
    changes,
    leftovers: [],
    comments: [],
    pinned: [],
  };
}

/** New lines leave a chain of others. None of theirs is ever taken away, so nothing has to come back. */
function guestReturn(before: ChainState, now: ChainState | undefined): readonly ChainChange[] {
  const left = [...before.lines];
  const added = (now?.lines ?? []).filter((line) => {
    const i = left.indexOf(line);
    if (i >= 0) left.splice(i, 1);
    return i < 0;
  });
  if (added.length === 0) return [];
  const rules = added.map((line) => ({ op: 'remove', line, origin: '', at: 'head' }) as const);
  return [{ ...place(before), action: 'edit', rules }];
}

function place({
  table,
  chain,
  origin,
}: ChainState): Pick<ChainState, 'table' | 'chain' | 'origin'> {
  return { table, chain, origin };
}

/**
 * The plan with every edited chain of ours written anew and without guards: a rule whose text the tool does not give
 * back as it takes it can neither be deleted nor checked by its text.
 */
export function withoutEdits(plan: FamilyPlan, ruleset: Ruleset): FamilyPlan {
  const wanted = rulesetChains(ruleset);
  const changes = plan.changes.map((change): ChainChange => {
    const state = wanted.get(`${change.table} ${change.chain}`);
    if (change.action !== 'edit' || state === undefined || state.order === 'guest')
      return withoutGuard(change);
    return { ...change, action: 'rewrite', lines: state.lines };
  });
  return { ...plan, changes, leftovers: plan.leftovers.map(withoutGuard) };
}
