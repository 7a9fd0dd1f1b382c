/**
 * The plan that brings the kernel from a dump, or from what was loaded before, to a Ruleset. Pure.
 */

import { type Differences, diffChainsInSteps, type LineRules } from '../../plan/diff.js';
import { withoutGuard } from '../../plan/plan.js';
import type {
  ChainChange,
  ChainEdit,
  ChainState,
  Chains,
  FamilyPlan,
  RuleChange,
} from '../../plan/types.js';
import { unitKey } from '../../plan/unit.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { finish, type Steps } from '../../steps.js';
import { familyPlan, fewChanges } from '../family-plan.js';
import {
  dumpChainsInSteps,
  fragmentChains,
  isWhole,
  rulesetChains,
  rulesetChainsInSteps,
} from './chains.js';
import { leftoversOf } from './leftovers.js';
import { tableName } from './ownership.js';
import {
  elementKey,
  elementValue,
  isDeclaration,
  referencesOf,
  withoutComment,
} from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/** How the diff compares the lines of this mode. */
export const LINE_RULES: LineRules = {
  meaning: withoutComment,
  // The comment of an element is the Service that it is there for.
  sharedMeaning: (line) => (isDeclaration(line) ? withoutComment(line) : line),
  group: (line) => (isDeclaration(line) ? '' : elementKey(line)),
  unordered: true,
};

/**
 * What differs between a dump of the kernel and the Ruleset. Everything in our table that is not in
 * the Ruleset goes; a table that is not in the dump is not there.
 */
export function planFromDump(dump: Dump, ruleset: Ruleset): FamilyPlan {
  return finish(planInSteps(dump, ruleset));
}

/** The same as {@link planFromDump}, step by step. */
export function* planInSteps(dump: Dump, ruleset: Ruleset): Steps<FamilyPlan> {
  const before = yield* dumpChainsInSteps(dump, tableName(ruleset.family));
  const after = yield* rulesetChainsInSteps(ruleset);
  const found = yield* differencesInSteps(before, after, true);
  yield;
  const isLeftover = leftoversOf(before, found.changes);
  const changes = found.changes.filter((change) => !isLeftover(change));
  const comments = found.comments.filter(({ before: line }) => isListed(line));
  const leftovers = found.changes.filter(isLeftover);
  return familyPlan(ruleset, { changes, comments }, { leftovers });
}

/** nft 1.0.6 and older do not list comments. */
function isListed(line: string): boolean {
  return !isDeclaration(line) || line !== withoutComment(line);
}

/**
 * What differs between two Rulesets. Looks only at fragments that are not the identical values, so
 * one change among ten thousand Services costs what the change costs. Valid only if the kernel
 * holds `before`.
 */
export function planFromRuleset(before: Ruleset, after: Ruleset): FamilyPlan {
  return familyPlan(after, updateDifferences(before, after));
}

function updateDifferences(before: Ruleset, after: Ruleset): Differences {
  const whole = (): Differences =>
    finish(differencesInSteps(rulesetChains(before), rulesetChains(after), true));
  const changed = fewChanges(before, after);
  if (changed === undefined) return whole();
  const { removed, added } = changed;
  const [old, fresh] = [fragmentChains(before, removed), fragmentChains(after, added)];
  if ([old, fresh].some(writesIntoOthers)) return whole();
  const kept = keepSharedElements(old, fresh, [...after.shared, ...after.ports], added);
  return finish(differencesInSteps(kept, fresh, false));
}

/** nft cannot check for a rule within a transaction, so there are no guards. */
function* differencesInSteps(before: Chains, after: Chains, whole: boolean): Steps<Differences> {
  const { changes, comments } = yield* diffChainsInSteps(before, after, LINE_RULES, whole);
  return { changes: replacements(changes.map(withoutGuard), before, after), comments };
}

/**
 * Whether a Service port has rules in a chain of every node, whose order depends on the whole
 * Ruleset. Layouts that ship with vipc have none.
 */
function writesIntoOthers(chains: Chains): boolean {
  return [...chains.values()].some((state) => state.order === 'ordered' && !isWhole(state));
}

/**
 * Elements that a Service port had stay as long as another one has them: two Services may share an
 * endpoint.
 */
function keepSharedElements(
  old: Chains,
  fresh: Chains,
  fragments: readonly Fragment[],
  added: readonly Fragment[],
): Chains {
  const changed = new Set(added);
  return new Map(
    [...old].map(([key, state]) => {
      const going = deletedElements(state, fresh.get(key));
      if (going.size === 0) return [key, state];
      const others = fragments.filter((fragment) => !changed.has(fragment));
      return [key, withoutLines(state, neededOf(state, going, others))];
    }),
  );
}

/**
 * Elements of a set of every node that would be deleted. Those of a map are each of one Service
 * port.
 */
function deletedElements(old: ChainState, fresh: ChainState | undefined): ReadonlySet<string> {
  if (old.order !== 'shared' || isWhole(old)) return new Set();
  const stays = new Set(fresh?.lines);
  return new Set(old.lines.filter((line) => elementValue(line) === '' && !stays.has(line)));
}

/** Which of the elements any of the fragments holds. */
function neededOf(
  { table, name }: ChainState,
  going: ReadonlySet<string>,
  others: readonly Fragment[],
): ReadonlySet<string> {
  const prefix = `add element ${table} ${name} { `;
  const needed = new Set<string>();
  for (const { text } of others) {
    for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1)) {
      const line = text.slice(at, text.indexOf('\n', at));
      if (going.has(line)) needed.add(line);
    }
  }
  return needed;
}

function withoutLines(state: ChainState, lines: ReadonlySet<string>): ChainState {
  const kept = state.lines.flatMap((line, i) => (lines.has(line) ? [] : [i]));
  return {
    ...state,
    lines: kept.map((i) => state.lines[i] ?? ''),
    origins: kept.map((i) => state.origins?.[i] ?? state.origin),
  };
}

/** What happens to a unit; `edit`: it stays, and only its rules or elements change. */
export type UnitAction = 'create' | 'delete' | 'replace' | 'edit';

/**
 * The lines that made a unit before a change and that make it after; `undefined` where there is
 * none.
 */
export function declarationsOf({ rules }: ChainChange): {
  readonly before: string | undefined;
  readonly after: string | undefined;
} {
  const declaration = (op: RuleChange['op']): string | undefined =>
    rules.find((rule) => rule.op === op && isDeclaration(rule.line))?.line;
  return { before: declaration('remove'), after: declaration('add') };
}

/** What a change does to its unit. */
export function unitActionOf(change: ChainChange): UnitAction {
  const { before, after } = declarationsOf(change);
  if (before === undefined) return after === undefined ? 'edit' : 'create';
  if (after === undefined) return 'delete';
  return withoutComment(before) === withoutComment(after) ? 'edit' : 'replace';
}

/**
 * The changes in which a replaced unit brings all of its lines, and what refers to it is rewritten.
 * A chain that is rewritten for this alone has no rules that differ.
 */
function replacements(
  changes: readonly ChainChange[],
  before: Chains,
  after: Chains,
): readonly ChainChange[] {
  const replaced = new Set(
    changes
      .filter((change) => change.kind !== 'table' && unitActionOf(change) === 'replace')
      .map(unitKey),
  );
  if (replaced.size === 0) return changes;
  const byKey = new Map(changes.map((change) => [unitKey(change), change]));
  for (const [key, wanted] of after) {
    const change = byKey.get(key);
    if (replaced.has(key)) {
      if (change !== undefined)
        byKey.set(key, { ...change, action: 'rewrite', lines: wanted.lines });
      continue;
    }
    const found = before.get(key);
    const leading = found?.lines.filter((line) =>
      referencesOf(line).some((named) => replaced.has(unitKey({ table: wanted.table, ...named }))),
    );
    if (leading === undefined || leading.length === 0) continue;
    if (wanted.order === 'shared') byKey.set(key, withElements(change, wanted, leading));
    else if (change === undefined)
      byKey.set(key, { ...edit(wanted), action: 'rewrite', lines: wanted.lines });
  }
  return [...byKey.values()];
}

/** The change in which elements that lead to a replaced chain are deleted and added again. */
function withElements(
  change: ChainChange | undefined,
  wanted: ChainState,
  leading: readonly string[],
): ChainChange {
  const base = change ?? edit(wanted);
  const known = new Set(base.rules.map(({ line }) => line));
  const again = leading.filter((line) => !known.has(line));
  const rule = (op: RuleChange['op']) => (line: string) =>
    ({ op, line, origin: '', at: 'head' }) as const;
  return {
    ...base,
    rules: [...base.rules, ...again.map(rule('remove')), ...again.map(rule('add'))],
  };
}

function edit({ table, kind, name, origin }: ChainState): ChainEdit {
  return { table, kind, name, origin, action: 'edit', rules: [] };
}
