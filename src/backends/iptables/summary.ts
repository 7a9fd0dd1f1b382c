/** What a plan for iptables means to a person. */

import { summarise } from '../../plan/summary.js';
import type { FamilySummary } from '../../plan/summary-types.js';
import type { FamilyPlan } from '../../plan/types.js';
import type { Ruleset } from '../../ruleset/types.js';
import { dumpChains, rulesetChains } from './chains.js';
import { RULE_READER } from './rule-reader.js';
import type { Dump } from './syntax/parse.js';

/** The plan by Service; `dump` and `ruleset` are what it was made from. */
export function summary(plan: FamilyPlan, dump: Dump, ruleset: Ruleset): FamilySummary {
  return summarise(plan, dumpChains(dump), rulesetChains(ruleset), RULE_READER);
}
