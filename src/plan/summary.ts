/**
 * Sorts the changes of a plan by Service, says what is wrong with each rule, and compares who gets
 * which traffic.
 */

import { addTo } from '../grouping.js';
import { changedLines } from './plan.js';
import { changedPools, type Pool } from './pools.js';
import type {
  ChainSummary,
  FamilySummary,
  RuleSummary,
  ServiceSummary,
  UncountedChain,
} from './summary-types.js';
import type { ChainChange, ChainState, Chains, FamilyPlan } from './types.js';
import { type UnitName, unitKey, unitLabel } from './unit.js';

/** How a backend reads its chains and lines for a summary. */
export interface RuleReader {
  /** The pools of some Service ports, wherever they are. */
  readonly pools: (chains: Chains, origins: ReadonlySet<string>) => readonly Pool[];
  /** Whether the line is one that could be written into the chain by us or by kube-proxy. */
  readonly isOurs: (unit: UnitName & { readonly table: string }, line: string) => boolean;
  /**
   * The line without comment and without its chance; `''` for a line that has no chance to compare.
   */
  readonly withoutChance: (line: string) => string;
}

/** What a plan was made from. */
export interface PlannedChains {
  readonly before: Chains;
  readonly after: Chains;
  readonly reader: RuleReader;
}

/** The summary of a plan. `read` is asked where it changes something. */
export function summarise(plan: FamilyPlan, read: () => PlannedChains): FamilySummary {
  return {
    family: plan.family,
    services: plan.changes.length === 0 ? [] : changedServices(plan, read()),
    ...uncountedChains(plan),
    comments: plan.comments.map((comment) => ({
      table: comment.table,
      chain: unitLabel(comment),
      before: comment.before,
      after: comment.after,
    })),
  };
}

function changedServices(
  plan: FamilyPlan,
  { before, after, reader }: PlannedChains,
): readonly ServiceSummary[] {
  const held = withOrigins(before, after);
  const [had, has] = [originsOf(held), originsOf(after)];
  const drafts = new Map<string, ChainSummary[]>();
  const names = withoutProtocol([...had, ...has]);
  for (const change of plan.changes) {
    const key = unitKey(change);
    const wanted = after.get(key);
    const finding = chainFinding(change, before.get(key), wanted);
    for (const [origin, chain] of byOrigin(change, finding, wanted?.order ?? 'ordered', reader)) {
      const name = names.get(origin) ?? origin;
      addTo(drafts, name, chain);
    }
  }
  const touched = new Set(drafts.keys());
  const pools = changedPools(reader.pools(held, touched), reader.pools(after, touched));
  const services = [...drafts].map(
    ([origin, chains]): ServiceSummary => ({
      origin,
      state: !has.has(origin) ? 'removed' : had.has(origin) ? 'changed' : 'added',
      chains,
      pools: pools.get(origin) ?? [],
    }),
  );
  return services.sort((a, b) => (a.origin < b.origin ? -1 : 1));
}

/** What apply changes although it is no difference. */
export function uncountedChains(
  plan: FamilyPlan,
): Pick<FamilySummary, 'leftovers' | 'uncommented' | 'pinned'> {
  return {
    leftovers: plan.leftovers.map((change) => uncounted(change, change.rules.length)),
    uncommented: plan.uncommented.map((change) =>
      uncounted(change, changedLines(change, 'add').length),
    ),
    pinned: plan.pinned,
  };
}

function uncounted(change: ChainChange, rules: number): UncountedChain {
  const { table, origin } = change;
  return { table, chain: unitLabel(change), origin, rules };
}

/** For rules that name no protocol: the Service port of the name, where there is only one. */
function withoutProtocol(origins: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const origin of new Set(origins)) {
    const [name = '', protocol] = origin.split(' ');
    if (protocol !== undefined) names.set(name, names.has(name) ? name : origin);
  }
  return names;
}

/**
 * A change of a shared chain concerns every Service that has a line in it; that the chain itself is
 * missing concerns every node.
 */
function byOrigin(
  change: ChainChange,
  finding: ChainSummary['finding'],
  order: ChainState['order'],
  reader: RuleReader,
): ReadonlyMap<string, ChainSummary> {
  const { table, action } = change;
  const chain = unitLabel(change);
  const lists = new Map<string, RuleSummary[]>();
  if (change.rules.length === 0 || (order === 'shared' && finding !== 'differs'))
    lists.set(change.origin, []);
  for (const [i, rule] of ruleSummaries(change, reader).entries()) {
    const origin = change.rules[i]?.origin ?? '';
    addTo(lists, origin, rule);
  }
  return new Map(
    [...lists].map(([origin, rules]) => {
      const own = order === 'shared' && origin !== '' ? 'differs' : finding;
      return [origin, { table, chain, action, finding: own, rules }];
    }),
  );
}

/**
 * Chains that others fill too are never missing: single rules in them are. A shared chain may well
 * be empty.
 */
function chainFinding(
  change: ChainChange,
  found: ChainState | undefined,
  wanted: ChainState | undefined,
): ChainSummary['finding'] {
  if (wanted?.order === 'partial') return 'differs';
  if (found === undefined) return 'missing';
  if (change.action === 'delete') return 'unwanted';
  const filled = wanted?.order !== 'shared' || wanted.tail > 0;
  return filled && found.lines.length === 0 ? 'empty' : 'differs';
}

/** One summary per rule of the change, in its order. */
function ruleSummaries(change: ChainChange, reader: RuleReader): readonly RuleSummary[] {
  const { rules } = change;
  if (rules.every(({ op }) => op === 'add'))
    return rules.map(({ op, line }) => ({ op, line, finding: 'missing' }));
  const texts = { add: new Set<string>(), remove: new Set<string>() };
  const chances = { add: new Set<string>(), remove: new Set<string>() };
  const bareLines = rules.map(({ op, line }) => {
    const bare = reader.withoutChance(line);
    texts[op].add(line);
    chances[op].add(bare);
    return bare;
  });
  return rules.map(({ op, line }, i): RuleSummary => {
    const other = op === 'add' ? 'remove' : 'add';
    const bare = bareLines[i] ?? '';
    if (texts[other].has(line)) return { op, line, finding: 'moved' };
    if (bare !== '' && chances[other].has(bare)) return { op, line, finding: 'probability' };
    if (op === 'add') return { op, line, finding: 'missing' };
    return { op, line, finding: reader.isOurs(change, line) ? 'surplus' : 'foreign' };
  });
}

/** Every origin that has a chain or a line. */
function originsOf(chains: Chains): ReadonlySet<string> {
  const origins = new Set<string>();
  for (const state of chains.values()) {
    if (state.order === 'partial') continue;
    if (state.order === 'ordered') origins.add(state.origin);
    for (const origin of state.origins ?? []) if (origin !== '') origins.add(origin);
  }
  return origins;
}

/**
 * The chains, with the origins of the wanted ones of the same name: as soon as nothing leads to a
 * chain, its comments alone name its Service, and not which port or protocol.
 */
function withOrigins(chains: Chains, wanted: Chains): Chains {
  const known = new Map<string, ChainState>();
  for (const [key, state] of chains) {
    const origin = wanted.get(key)?.origin ?? '';
    if (origin !== '' && origin !== state.origin) known.set(key, { ...state, origin });
  }
  return known.size === 0 ? chains : new Map([...chains, ...known]);
}
