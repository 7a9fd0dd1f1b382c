/** The rules of a kernel as iptables-save printed them. */

import { ALL_PROTOCOLS, FLOW_PROTOCOLS } from '../../flows/frontends.js';
import { allChanges, changedLines } from '../../plan/plan.js';
import { summarise } from '../../plan/summary.js';
import type { FamilySummary } from '../../plan/summary-types.js';
import type { ChainChange, FamilyPlan } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { type Ruleset, serviceOf } from '../../ruleset/types.js';
import { digestOf } from '../hash.js';
import { type HeldFragments, keepAsItWas, keepServices } from '../kept.js';
import type { KernelRules } from '../kernel-rules.js';
import { oneTransaction } from '../transaction.js';
import { dumpChains, rulesetChains } from './chains.js';
import { clusterIpsOfDump, frontendsOfDump } from './frontends.js';
import { heldFragments, rearranged, withoutChainsOf } from './kept.js';
import { nodePortIpsOf, nodeSettings } from './node-settings.js';
import { NOTHING_REMEMBERED, ownershipOf, type Remembered } from './ownership.js';
import { planFromDump, planInSteps } from './plan.js';
import { planFault } from './plan-check.js';
import { programOfDump } from './program.js';
import { dumpRemarks } from './remarks.js';
import { rollbackInput } from './rollback.js';
import { ruleReader } from './rule-reader.js';
import { type Dump, parseDump } from './syntax/parse.js';
import { writersOf } from './writers.js';

/**
 * The KernelRules of a dump. A document of vipc does not name its variant. `remembered`: what vipc
 * loaded into this kernel for layouts of the user's own.
 */
export function kernelRulesOf(
  dump: Dump,
  remembered: Remembered = NOTHING_REMEMBERED,
): KernelRules {
  const heldFor =
    (ruleset: Ruleset): HeldFragments =>
    (isMeant) =>
      heldFragments(dump, ownershipOf(rulesetChains(ruleset), remembered), isMeant);
  return {
    variant: dump.tool?.variant ?? 'nf_tables',
    fingerprint: (plan) => fingerprint(dump, plan),
    isProgrammed: () => dump.tables.get('nat')?.has('KUBE-SERVICES') ?? false,
    keepServices: (ruleset, services) =>
      rearranged(ruleset, keepServices(ruleset, services, heldFor(ruleset))),
    keepAsItWas: (ruleset, origins) =>
      rearranged(ruleset, keepAsItWas(ruleset, origins, heldFor(ruleset))),
    withoutChainsOf: (services, ruleset) => {
      const wanted = rulesetChains(ruleset);
      const isMeant = (origin: string): boolean => services.has(serviceOf(origin));
      const left = withoutChainsOf(dump, wanted, ownershipOf(wanted, remembered), isMeant);
      return { ...kernelRulesOf(left, remembered), settings: () => nodeSettings(dump) };
    },
    plan: (ruleset) => planFromDump(dump, ruleset, remembered),
    planInSteps: (ruleset) => planInSteps(dump, ruleset, remembered),
    planFault: (plan, ruleset) => planFault(plan, dump, remembered, ruleset),
    summary: (plan, ruleset) => summary(plan, dump, ruleset, remembered),
    frontends: (family) => frontendsOfDump(dump, family, FLOW_PROTOCOLS, remembered),
    allFrontends: (family) => frontendsOfDump(dump, family, ALL_PROTOCOLS, remembered),
    clusterIps: (family) => clusterIpsOfDump(dump, family),
    nodePortIps: () => nodePortIpsOf(dump),
    contents: (table) => contents(dump, table),
    settings: () => nodeSettings(dump),
    writers: () => writersOf(dump),
    // Every sync writes all chains of a Service whole.
    handBackHazard: () => '',
    remarks: (name) => dumpRemarks(dump, name),
    program: () => programOfDump(dump),
    holds: (change) => holds(dump, change),
    rollbackInput: (before, family, options) =>
      oneTransaction(rollbackInput(parseDump(before), dump, family, options, remembered)),
  };
}

/**
 * SHA-256, in hex, of our chains and the rules of partial chains that concern us. A saved plan is
 * stale once it changes. The order of chains, partial chains without such rules, counters and
 * everything foreign do not count. Of chains that no layout of vipc knows, those that the plan
 * changes count.
 */
export function fingerprint(dump: Dump, plan: FamilyPlan): string {
  const chains = new Set(allChanges(plan).map(unitKey));
  const ownership = ownershipOf(new Map(), { chains, rules: new Set() });
  const texts = [...dumpChains(dump, ownership)]
    .filter(([, { order, lines }]) => order !== 'partial' || lines.length > 0)
    .map(([key, { lines }]) => [key, ...lines].join('\n'));
  return digestOf(texts);
}

/** The plan by Service; `dump` and `ruleset` are what it was made from. */
export function summary(
  plan: FamilyPlan,
  dump: Dump,
  ruleset: Ruleset,
  remembered: Remembered = NOTHING_REMEMBERED,
): FamilySummary {
  return summarise(plan, () => {
    const after = rulesetChains(ruleset);
    const ownership = ownershipOf(after, remembered);
    return { before: dumpChains(dump, ownership), after, reader: ruleReader(ownership) };
  });
}

function contents(dump: Dump, table: string): string {
  return [...(dump.tables.get(table) ?? [])]
    .map(([chain, { rules }]) => [chain, ...rules].join('\n'))
    .sort()
    .join('\n\n');
}

function holds(dump: Dump, change: ChainChange): boolean {
  const rules = dump.tables.get(change.table)?.get(change.name)?.rules;
  switch (change.action) {
    case 'delete':
      return rules === undefined;
    case 'rewrite':
      return rules?.join('\n') === change.lines.join('\n');
    case 'create':
    case 'edit': {
      const there = new Set(rules ?? []);
      const wanted = new Set(changedLines(change, 'add'));
      return change.rules.every(({ op, line }) =>
        op === 'add' ? there.has(line) : wanted.has(line) || !there.has(line),
      );
    }
  }
}
