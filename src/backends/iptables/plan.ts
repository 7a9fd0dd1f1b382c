/**
 * The plan that brings a kernel to a Ruleset: from a dump, or from what was loaded before. Removal
 * is the plan to no chains at all. Pure.
 */

import type { Family } from '../../net/ip.js';
import { type Differences, diffChains, diffChainsInSteps } from '../../plan/diff.js';
import { allChanges, withoutGuard } from '../../plan/plan.js';
import type { ChainChange, Chains, FamilyPlan, PinnedChain, RuleChange } from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import { sameNodeRules } from '../../ruleset/changed-fragments.js';
import type { Ruleset } from '../../ruleset/types.js';
import { finish, type Steps } from '../../steps.js';
import { familyPlan, fewChanges } from '../family-plan.js';
import {
  dumpChainsInSteps,
  fragmentChains,
  mixesIntoShared,
  rulesetChains,
  rulesetChainsInSteps,
} from './chains.js';
import { firewallRemoval } from './kube-firewall.js';
import { LINE_RULES } from './line-rules.js';
import {
  NOTHING_REMEMBERED,
  type Ownership,
  ownershipOf,
  type Remembered,
  tableRule,
} from './ownership.js';
import { targetOf, withoutComment } from './syntax/line-text.js';
import type { Dump, DumpChain } from './syntax/parse.js';
import { uncommentedChains } from './uncommented.js';

/**
 * What differs between a dump of the kernel and the Ruleset. Built-in chains that the dump does not
 * list count as empty.
 */
export function* planInSteps(
  dump: Dump,
  ruleset: Ruleset,
  remembered: Remembered = NOTHING_REMEMBERED,
): Steps<FamilyPlan> {
  const wanted = yield* rulesetChainsInSteps(ruleset);
  return yield* planWanted(wanted, dump, ruleset.family, remembered);
}

/** The same as {@link planInSteps}, at once. */
export function planFromDump(
  dump: Dump,
  ruleset: Ruleset,
  remembered: Remembered = NOTHING_REMEMBERED,
): FamilyPlan {
  return finish(planInSteps(dump, ruleset, remembered));
}

/**
 * What `vipc cleanup` does to one family: our jumps leave the built-in chains, our chains are
 * flushed and deleted. A chain that a foreign rule jumps to is emptied and stays, and is listed in
 * `pinned`. KUBE-FIREWALL, its rule and the jumps to it stay for kubelet, as `kube-proxy --cleanup`
 * leaves them, unless {@link firewallRemoval} finds that they are vipc's own.
 */
export function planRemoval(
  dump: Dump,
  family: Family,
  remembered: Remembered = NOTHING_REMEMBERED,
): FamilyPlan {
  const plan = unconditional(finish(planWanted(new Map(), dump, family, remembered)));
  return { ...plan, changes: [...plan.changes, ...firewallRemoval(dump, remembered)] };
}

/**
 * The plan to the wanted chains. A rule of ours in a partial chain is stale if it jumps to a chain
 * that is deleted, or if another layout wrote it.
 */
function planWanted(
  wanted: Chains,
  dump: Dump,
  family: Family,
  remembered: Remembered,
): Steps<FamilyPlan> {
  const ownership = ownershipOf(wanted, remembered);
  return planTo(
    wanted,
    dump,
    family,
    ownership,
    (table, chain, line) =>
      ownership.isOurRule(table, chain, line) &&
      (!wanted.has(`${table} ${targetOf(line)}`) || remembered.rules.has(tableRule(table, line))),
  );
}

/** Everything that the plan changes, as changes without preconditions. */
export function unconditional(plan: FamilyPlan): FamilyPlan {
  return { ...plan, changes: allChanges(plan).map(withoutGuard), uncommented: [], leftovers: [] };
}

/**
 * What differs between two Rulesets; looks only at fragments that are not the identical values, so
 * that one change among ten thousand Services costs what the change costs. `undefined` where the
 * rules of every node differ: chains that others fill too must be read first, for {@link
 * planFromDump}.
 *
 * Valid only if the kernel holds exactly `before`. After a plan with comment-only differences it
 * does not: a `-D` by text then fails, and the caller must read the kernel again.
 */
export function planFromRuleset(before: Ruleset, after: Ruleset): FamilyPlan | undefined {
  if (!sameNodeRules(before, after)) return undefined;
  return familyPlan(after, changedPart(before, after) ?? wholeChange(before, after));
}

function wholeChange(before: Ruleset, after: Ruleset): Differences {
  return diffChains(rulesetChains(before), rulesetChains(after), LINE_RULES, true);
}

/** The difference of the changed fragments; `undefined` where the whole must be compared. */
function changedPart(before: Ruleset, after: Ruleset): Differences | undefined {
  const changed = fewChanges(before, after);
  if (changed === undefined || mixesIntoShared(after.frame)) return undefined;
  const [old, fresh] = [fragmentChains(changed.removed), fragmentChains(changed.added)];
  if (old === undefined || fresh === undefined) return undefined;
  return diffChains(old, fresh, LINE_RULES, false);
}

type IsStale = (table: string, chain: string, line: string) => boolean;

/**
 * The plan from a dump to the wanted chains, where `isStale` says which unwanted rules of partial
 * chains go.
 */
export function* planTo(
  wanted: Chains,
  dump: Dump,
  family: Family,
  ownership: Ownership,
  isStale: IsStale,
): Steps<FamilyPlan> {
  const before = yield* dumpChainsInSteps(dump, ownership);
  const differences = yield* diffChainsInSteps(before, wanted, LINE_RULES, true);
  yield;
  const changes = withStaleRules(differences.changes, before, wanted, isStale);
  const deletes = changes.some(({ action }) => action === 'delete');
  const reached = deletes ? reachable(dump) : NOTHING_REACHED;
  const pins = deletes ? foreignJumps(dump, ownership) : NO_JUMPS;
  const pinned: PinnedChain[] = [];
  const kept: ChainChange[] = [];
  const leftovers: ChainChange[] = [];
  for (const change of changes) {
    const { action, table, name: chain } = change;
    const by = action === 'delete' ? pins.get(unitKey(change)) : undefined;
    if (by !== undefined) {
      pinned.push({ table, chain, by });
      if (change.rules.length > 0) kept.push({ ...change, action: 'rewrite', lines: [] });
    } else if (action === 'delete' && !reached.get(table)?.has(chain)) leftovers.push(change);
    else kept.push(change);
  }
  const uncommented = uncommentedChains(differences.comments, before, wanted);
  return familyPlan(
    { family, backend: 'iptables' },
    { ...differences, changes: kept },
    { leftovers, uncommented, pinned },
  );
}

/** The changes with the rules of partial chains that are stale and not wanted. */
function withStaleRules(
  changes: readonly ChainChange[],
  before: Chains,
  wanted: Chains,
  isStale: IsStale,
): readonly ChainChange[] {
  const edits = new Map<string, ChainChange>();
  for (const [key, { table, kind, name, order, lines }] of before) {
    if (order !== 'partial') continue;
    const own = new Set(wanted.get(key)?.lines.map(withoutComment));
    const rules = lines
      .filter((line) => !own.has(withoutComment(line)) && isStale(table, name, line))
      .map((line): RuleChange => ({ op: 'remove', line, origin: '', at: 'head' }));
    if (rules.length > 0) edits.set(key, { action: 'edit', table, kind, name, origin: '', rules });
  }
  if (edits.size === 0) return changes;
  const joined = changes.map((change): ChainChange => {
    const key = unitKey(change);
    const stale = edits.get(key)?.rules;
    edits.delete(key);
    return stale === undefined ? change : { ...change, rules: [...stale, ...change.rules] };
  });
  return [...edits.values(), ...joined];
}

/** The names of the chains that a packet can get to, by table. */
type Reached = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING_REACHED: Reached = new Map();
const NO_JUMPS: ReadonlyMap<string, string> = new Map();

function reachable(dump: Dump): Reached {
  return new Map([...dump.tables].map(([table, chains]) => [table, reachableIn(chains)]));
}

function reachableIn(chains: ReadonlyMap<string, DumpChain>): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (chain: string): void => {
    const found = chains.get(chain);
    if (found === undefined || reached.has(chain)) return;
    reached.add(chain);
    for (const line of found.rules) visit(targetOf(line));
  };
  for (const [chain, { policy }] of chains) if (policy !== '-') visit(chain);
  return reached;
}

/** The chains of ours that foreign rules jump to, each with one such rule. */
function foreignJumps(dump: Dump, { owns, isOurRule }: Ownership): ReadonlyMap<string, string> {
  const jumps = new Map<string, string>();
  for (const [table, chains] of dump.tables) {
    for (const [chain, { rules }] of chains) {
      if (owns(table, chain)) continue;
      for (const line of rules) {
        const target = targetOf(line);
        if (owns(table, target) && !isOurRule(table, chain, line))
          jumps.set(`${table} ${target}`, line);
      }
    }
  }
  return jumps;
}
