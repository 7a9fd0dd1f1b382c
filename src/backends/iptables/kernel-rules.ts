/** What iptables-save told about a kernel, ready to be compared. */

import { changedLines } from '../../plan/chain-change.js';
import type { ChainChange } from '../../plan/types.js';
import type { KernelRules } from '../backend.js';
import { keepAsItWas, keepServices } from '../kept.js';
import { planFromDump } from './diff.js';
import { fingerprint } from './fingerprint.js';
import { frontendsOfDump } from './frontends.js';
import { heldFragments } from './kept.js';
import { rollbackInput } from './rollback.js';
import { summary } from './summary.js';
import { type Dump, parseDump } from './syntax/parse.js';

/** The dump with the questions that are asked about it. One of our own documents tells no variant. */
export function kernelRulesOf(dump: Dump): KernelRules {
  return {
    variant: dump.tool?.variant ?? 'nf_tables',
    fingerprint: () => fingerprint(dump),
    isProgrammed: () => dump.tables.get('nat')?.has('KUBE-SERVICES') ?? false,
    keepServices: (ruleset, services) => keepServices(ruleset, services, heldFragments(dump)),
    keepAsItWas: (ruleset, origins) => keepAsItWas(ruleset, origins, heldFragments(dump)),
    plan: (ruleset) => planFromDump(dump, ruleset),
    summary: (plan, ruleset) => summary(plan, dump, ruleset),
    frontends: (family) => frontendsOfDump(dump, family),
    contents: (table) => contents(dump, table),
    holds: (change) => holds(dump, change),
    rollbackInput: (now, family, options) => rollbackInput(dump, parseDump(now), family, options),
  };
}

function contents(dump: Dump, table: string): string {
  return [...(dump.tables.get(table) ?? [])]
    .map(([chain, { rules }]) => [chain, ...rules].join('\n'))
    .sort()
    .join('\n\n');
}

function holds(dump: Dump, change: ChainChange): boolean {
  const rules = dump.tables.get(change.table)?.get(change.chain)?.rules;
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
