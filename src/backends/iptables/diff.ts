/** The plan that brings the kernel from a dump, or from what was loaded before, to a Ruleset. Pure. */

import { diffChains, type LineRules } from '../../plan/diff.js';
import type { ChainChange, FamilyPlan, PinnedChain } from '../../plan/types.js';
import { changedFragments, sameNodeRules } from '../../ruleset/changed-fragments.js';
import type { Ruleset } from '../../ruleset/types.js';
import { dumpChains, fragmentChains, rulesetChains } from './chains.js';
import { originOfLine } from './origin.js';
import { chainRole, isOwned, targetOf, withoutComment } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/** Above this part of changed fragments the whole Rulesets are compared. */
const WHOLE_SHARE = 0.25;

/** What the diff knows about the lines of this mode. */
export const LINE_RULES: LineRules = {
  meaning: withoutComment,
  sharedMeaning: named,
  group: (line) => nodePortOf(line) ?? named(line),
};

/** Two Services may have rules that say the same, such as for one health check port. */
function named(line: string): string {
  return `${withoutComment(line)} ${originOfLine(line)}`;
}

/** The rule of a node port for loopback must stay in front of its rule for everybody. */
function nodePortOf(line: string): string | undefined {
  if (!line.startsWith('-A KUBE-NODEPORTS ') || line.endsWith(' -j ACCEPT')) return undefined;
  return / --dport \d+ /.exec(line)?.[0].concat(protocolOf(line));
}

function protocolOf(line: string): string {
  return / -p (\S+)/.exec(line)?.[1] ?? '';
}

/** What differs between a dump of the kernel and the Ruleset. Built-in chains that the dump does not tell count as empty. */
export function planFromDump(dump: Dump, ruleset: Ruleset): FamilyPlan {
  const before = dumpChains(dump);
  const { changes, comments } = diffChains(before, rulesetChains(ruleset), LINE_RULES, true);
  const reached = reachable(dump);
  const pins = foreignJumps(dump);
  const pinned: PinnedChain[] = [];
  const kept: ChainChange[] = [];
  const leftovers: ChainChange[] = [];
  for (const change of changes) {
    const key = `${change.table} ${change.chain}`;
    const by = change.action === 'delete' ? pins.get(key) : undefined;
    if (by !== undefined) {
      pinned.push({ table: change.table, chain: change.chain, by });
      if (change.rules.length > 0) kept.push({ ...change, action: 'rewrite', lines: [] });
    } else if (change.action === 'delete' && !reached.has(key)) leftovers.push(change);
    else kept.push(change);
  }
  return {
    family: ruleset.family,
    backend: 'iptables',
    base: '',
    changes: kept,
    leftovers,
    comments,
    pinned,
  };
}

/**
 * What differs between two Rulesets; looks only at fragments that are not the identical values, so one change among
 * ten thousand Services costs what the change costs. `undefined` where the frame differs: chains that others fill
 * too must be looked at first, with {@link planFromDump}.
 *
 * Holds where the kernel has `before` to the letter. After a plan with `comments` it has not: rules that would have to be
 * deleted by their text have another one there, the tool refuses, and the kernel must be looked at.
 */
export function planFromRuleset(before: Ruleset, after: Ruleset): FamilyPlan | undefined {
  if (!sameNodeRules(before, after)) return undefined;
  const { removed, added } = changedFragments(before, after);
  const many = WHOLE_SHARE * Math.max(before.ports.length, after.ports.length);
  const { changes, comments } =
    removed.length + added.length > many
      ? diffChains(rulesetChains(before), rulesetChains(after), LINE_RULES, true)
      : diffChains(fragmentChains(removed), fragmentChains(added), LINE_RULES, false);
  return {
    family: after.family,
    backend: 'iptables',
    base: '',
    changes,
    leftovers: [],
    comments,
    pinned: [],
  };
}

/** Keys of the chains that a packet can get to. */
function reachable(dump: Dump): ReadonlySet<string> {
  const reached = new Set<string>();
  for (const [table, chains] of dump.tables) {
    const visit = (chain: string): void => {
      const found = chains.get(chain);
      if (found === undefined || reached.has(`${table} ${chain}`)) return;
      reached.add(`${table} ${chain}`);
      for (const line of found.rules) visit(targetOf(line));
    };
    for (const [chain, { policy }] of chains) if (policy !== '-') visit(chain);
  }
  return reached;
}

/** The chains of ours that rules in foreign or built-in chains jump to, each with one such rule. */
function foreignJumps(dump: Dump): ReadonlyMap<string, string> {
  const jumps = new Map<string, string>();
  for (const [table, chains] of dump.tables) {
    for (const [chain, { rules }] of chains) {
      if (isOwned(table, chain)) continue;
      for (const line of rules) {
        const target = targetOf(line);
        if (isOwned(table, target) && chainRole(table, chain) !== 'service')
          jumps.set(`${table} ${target}`, line);
      }
    }
  }
  return jumps;
}
