/** What nft told about a kernel, ready to be compared. */

import { ALL_PROTOCOLS, FLOW_PROTOCOLS } from '../../flows/frontends.js';
import { changedLines, wholeLines } from '../../plan/chain-change.js';
import type { ChainChange } from '../../plan/types.js';
import { equalLists } from '../../ruleset/compare.js';
import type { KernelRules } from '../backend.js';
import { keepAsItWas, keepServices } from '../kept.js';
import { dumpChains } from './chains.js';
import { planFromDump } from './diff.js';
import { fingerprint } from './fingerprint.js';
import { frontendsOfDump } from './frontends.js';
import { heldFragments } from './kept.js';
import { nodeSettings } from './node-settings.js';
import { isOwned } from './ownership.js';
import { planFault } from './plan-check.js';
import { programOfDump } from './program.js';
import { rollbackInput } from './rollback.js';
import { summary } from './summary.js';
import { withoutComment } from './syntax/line-text.js';
import { type Dump, parseDump } from './syntax/parse.js';

/** The dump with the questions that are asked about it. */
export function kernelRulesOf(dump: Dump): KernelRules {
  return {
    variant: 'nf_tables',
    fingerprint: () => fingerprint(dump),
    isProgrammed: () => [...dump.tables.keys()].some(isOwned),
    keepServices: (ruleset, services) =>
      keepServices(ruleset, services, heldFragments(dump, ruleset.family)),
    keepAsItWas: (ruleset, origins) =>
      keepAsItWas(ruleset, origins, heldFragments(dump, ruleset.family)),
    plan: (ruleset) => planFromDump(dump, ruleset),
    planFault,
    summary: (plan, ruleset) => summary(plan, dump, ruleset),
    frontends: (family) => frontendsOfDump(dump, family, FLOW_PROTOCOLS),
    allFrontends: (family) => frontendsOfDump(dump, family, ALL_PROTOCOLS),
    contents: () => fingerprint(dump),
    settings: () => nodeSettings(dump),
    program: () => programOfDump(dump),
    holds: (change) => holds(dump, change),
    rollbackInput: (before, family, options) =>
      rollbackInput(parseDump(before), dump, family, options),
  };
}

/** Elements in any order, rules in theirs; comments do not count. */
function holds(dump: Dump, change: ChainChange): boolean {
  const { table, chain, action, rules } = change;
  const found = dumpChains(dump, table).get(`${table} ${chain}`);
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
