/** The rules of a kernel as nft listed them. */

import { ALL_PROTOCOLS, FLOW_PROTOCOLS } from '../../flows/frontends.js';
import { changedLines, wholeLines } from '../../plan/plan.js';
import { summarise } from '../../plan/summary.js';
import type { FamilySummary } from '../../plan/summary-types.js';
import type { ChainChange, Chains, FamilyPlan } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { handBackHazard } from '../../profiles/leftovers.js';
import { equalLists } from '../../ruleset/compare.js';
import type { Ruleset } from '../../ruleset/types.js';
import { digestOf } from '../hash.js';
import { keepAsItWas, keepServices } from '../kept.js';
import type { KernelRules } from '../kernel-rules.js';
import { dumpChains, isWhole, rulesetChains } from './chains.js';
import { planFromDump, planInSteps } from './diff.js';
import { clusterIpsOfDump, frontendsOfDump, nodePortIpsOfDump } from './frontends.js';
import { heldFragments } from './kept.js';
import { nodeSettings } from './node-settings.js';
import { isOwned, tableName } from './ownership.js';
import { planFault } from './plan-check.js';
import { programOfDump } from './program.js';
import { dumpRemarks } from './remarks.js';
import { rollbackInput } from './rollback.js';
import { RULE_READER } from './rule-reader.js';
import { sharedFragmentsOf, withSharedChains } from './shared-chains.js';
import { isDeclaration, withoutComment } from './syntax/line-text.js';
import { type Dump, parseDump } from './syntax/parse.js';
import { writersOf } from './writers.js';

/** The KernelRules of a dump. */
export function kernelRulesOf(dump: Dump): KernelRules {
  const withShared = (before: Ruleset, after: Ruleset): Ruleset =>
    withSharedChains(before, after, () => sharedFragmentsOf(dump, before.family));
  const isProgrammed = (): boolean => [...dump.tables.keys()].some(isOwned);
  return {
    variant: 'nf_tables',
    fingerprint: () => fingerprint(dump),
    isProgrammed,
    keepServices: (ruleset, services) =>
      withShared(ruleset, keepServices(ruleset, services, heldFragments(dump, ruleset.family))),
    keepAsItWas: (ruleset, origins) =>
      withShared(ruleset, keepAsItWas(ruleset, origins, heldFragments(dump, ruleset.family))),
    plan: (ruleset) => planFromDump(dump, ruleset),
    planInSteps: (ruleset) => planInSteps(dump, ruleset),
    planFault,
    summary: (plan, ruleset) => summary(plan, dump, ruleset),
    frontends: (family) => frontendsOfDump(dump, family, FLOW_PROTOCOLS),
    allFrontends: (family) => frontendsOfDump(dump, family, ALL_PROTOCOLS),
    clusterIps: (family) => clusterIpsOfDump(dump, family),
    nodePortIps: (family) => nodePortIpsOfDump(dump, family),
    contents: () => fingerprint(dump),
    settings: () => nodeSettings(dump),
    writers: () => writersOf(dump),
    handBackHazard: (to) => (isProgrammed() ? handBackHazard(writersOf(dump).profiles, to) : ''),
    remarks: (name) => dumpRemarks(dump, name),
    program: () => programOfDump(dump),
    holds: (change) => holds(dump, change),
    rollbackInput: (before, family, options) =>
      rollbackInput(parseDump(before), dump, family, options),
  };
}

/** Elements in any order, rules in theirs; comments do not count. */
function holds(dump: Dump, change: ChainChange): boolean {
  const { table, action, rules } = change;
  const found = dumpChains(dump, table).get(unitKey(change));
  if (action === 'delete' || found === undefined)
    return (action === 'delete') === (found === undefined);
  const there = found.lines.map(withoutComment);
  const lines = wholeLines(change);
  if (found.order === 'ordered' && lines.length > 0)
    return equalLists(there, lines.map(withoutComment));
  const texts = new Set(there);
  const added = new Set(changedLines(change, 'add').map(withoutComment));
  return rules.every(({ line }) => {
    const text = withoutComment(line);
    return texts.has(text) === added.has(text);
  });
}

/**
 * SHA-256, in hex, over the tables that are ours. The order of units and of elements, clients that
 * affinity remembers, comments and everything foreign do not count.
 */
function fingerprint(dump: Dump): string {
  const units = [...dump.tables.keys()]
    .filter(isOwned)
    .flatMap((table) => [...dumpChains(dump, table)])
    .map(([key, { order, lines }]) => {
      const words = lines.map(withoutComment);
      return [key, ...(order === 'shared' ? words.sort() : words)].join('\n');
    });
  return digestOf(units);
}

/**
 * The plan by Service; `dump` and `ruleset` are what it was made from. A chain that is rewritten
 * only because something that it refers to is replaced does not differ.
 */
export function summary(plan: FamilyPlan, dump: Dump, ruleset: Ruleset): FamilySummary {
  const changes = plan.changes.filter(({ rules }) => rules.length > 0);
  const leftovers = plan.leftovers.map((change) => ({
    ...change,
    rules: change.rules.filter(({ line }) => !isDeclaration(line)),
  }));
  return summarise({ ...plan, changes, leftovers }, () => ({
    before: contents(dumpChains(dump, tableName(ruleset.family))),
    after: contents(rulesetChains(ruleset)),
    reader: RULE_READER,
  }));
}

/**
 * The units without the line that makes them: an empty chain has no lines. The table is nothing
 * else.
 */
function contents(chains: Chains): Chains {
  return new Map(
    [...chains].map(([key, state]) => {
      if (state.kind === 'table' || !isWhole(state)) return [key, state];
      const { origins, ...others } = { ...state, lines: state.lines.slice(1) };
      return [key, origins === undefined ? others : { ...others, origins: origins.slice(1) }];
    }),
  );
}
