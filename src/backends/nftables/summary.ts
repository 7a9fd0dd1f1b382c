/** What a plan for nft means to a person. */

import { summarise } from '../../plan/summary.js';
import type { FamilySummary } from '../../plan/summary-types.js';
import type { Chains, FamilyPlan } from '../../plan/types.js';
import type { Ruleset } from '../../ruleset/types.js';
import { dumpChains, isWhole, rulesetChains } from './chains.js';
import { tableName } from './ownership.js';
import { RULE_READER } from './rule-reader.js';
import type { Dump } from './syntax/parse.js';

/**
 * The plan by Service; `dump` and `ruleset` are what it was made from. A chain that is rewritten
 * only because something that it refers to is replaced does not differ.
 */
export function summary(plan: FamilyPlan, dump: Dump, ruleset: Ruleset): FamilySummary {
  const changes = plan.changes.filter(({ rules }) => rules.length > 0);
  const before = contents(dumpChains(dump, tableName(ruleset.family)));
  return summarise({ ...plan, changes }, before, contents(rulesetChains(ruleset)), RULE_READER);
}

/**
 * The units without the line that makes them: an empty chain has no lines. The table is nothing
 * else.
 */
function contents(chains: Chains): Chains {
  return new Map(
    [...chains].map(([key, state]) => {
      if (state.chain === '' || !isWhole(state)) return [key, state];
      const { origins, ...others } = { ...state, lines: state.lines.slice(1) };
      return [key, origins === undefined ? others : { ...others, origins: origins.slice(1) }];
    }),
  );
}
