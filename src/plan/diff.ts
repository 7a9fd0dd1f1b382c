/** Compares the chains of a kernel with the wanted ones, and says what has to change. Pure. */

import { addTo } from '../grouping.js';
import { append, equalLists, extraItems, multisetDifference } from '../ruleset/compare.js';
import { finish, type Steps } from '../steps.js';
import { creationOf, editOf, removalOf, rewriteOf } from './changes.js';
import { commentChanges } from './comment-changes.js';
import type { ChainChange, ChainState, Chains, CommentChange } from './types.js';

/** How the lines of a backend are compared. */
export interface LineRules {
  /** The line without its comment: lines of equal meaning have equal text. */
  readonly meaning: (line: string) => string;
  /** The same for a line of a shared chain, where the Service that its comment names counts too. */
  readonly sharedMeaning: (line: string) => string;
  /** Lines of a shared chain that must keep their order among themselves have the same key. */
  readonly group: (line: string) => string;
  /** Whether the lines of a shared chain have no order at all. */
  readonly unordered?: boolean;
}

export interface Differences {
  readonly changes: readonly ChainChange[];
  readonly comments: readonly CommentChange[];
}

/** A shared chain is rewritten when more than this share of its rules changes. */
const REWRITE_SHARE = 0.25;
/** Up to this number of changed rules a shared chain is always edited. */
const ALWAYS_EDIT = 8;

/**
 * The changes that make `before` mean what `after` means, deletions last, and the comments that
 * differ.
 *
 * With `whole` false both sides are only the chains of some Services, before and after a change. A
 * shared chain then holds some of its lines, and is edited whatever the size of the change.
 */
export function diffChains(
  before: Chains,
  after: Chains,
  rules: LineRules,
  whole: boolean,
): Differences {
  return finish(diffChainsInSteps(before, after, rules, whole));
}

/** The same as {@link diffChains}, step by step. */
export function* diffChainsInSteps(
  before: Chains,
  after: Chains,
  rules: LineRules,
  whole: boolean,
): Steps<Differences> {
  const changes: ChainChange[] = [];
  const comments: CommentChange[] = [];
  const shared: LineRules = { ...rules, meaning: rules.sharedMeaning };
  for (const [key, wanted] of after) {
    yield;
    const found = before.get(key);
    const own = wanted.order === 'shared' ? shared : rules;
    const change =
      found === undefined ? creationOf(wanted, whole) : difference(found, wanted, own, whole);
    if (change !== undefined) changes.push(change);
    if (found !== undefined) append(comments, commentChanges(found, wanted, change, own.meaning));
  }
  for (const [key, found] of before)
    if (!after.has(key) && found.order !== 'partial') changes.push(removalOf(found, whole));
  return { changes, comments };
}

function difference(
  found: ChainState,
  wanted: ChainState,
  rules: LineRules,
  whole: boolean,
): ChainChange | undefined {
  if (equalLists(found.lines, wanted.lines)) return undefined;
  const isUnordered = wanted.order === 'shared' && rules.unordered === true;
  if (isUnordered && haveSameLines(found, wanted)) return undefined;
  switch (wanted.order) {
    case 'ordered':
      return orderedDifference(found, wanted, rules);
    case 'shared':
      return sharedDifference(found, wanted, rules, whole);
    case 'partial':
      return partialDifference(found, wanted, rules);
  }
}

function orderedDifference(
  found: ChainState,
  wanted: ChainState,
  { meaning }: LineRules,
): ChainChange | undefined {
  const old = found.lines.map(meaning);
  const fresh = wanted.lines.map(meaning);
  if (equalLists(old, fresh)) return undefined;
  return rewriteOf(found, wanted, multisetDifference(old, fresh), multisetDifference(fresh, old));
}

/**
 * Groups that differ are removed and added as a whole, so that their lines keep their order, unless
 * it is enough to remove some lines or to insert some in front. All other lines stay.
 */
function sharedDifference(
  found: ChainState,
  wanted: ChainState,
  rules: LineRules,
  whole: boolean,
): ChainChange | undefined {
  const old = groups(found, rules);
  const fresh = groups(wanted, rules);
  const removed: number[] = [];
  const added: number[] = [];
  for (const key of new Set([...old.keys(), ...fresh.keys()])) {
    const was = old.get(key) ?? [];
    const will = fresh.get(key) ?? [];
    const group = groupDifference(linesAt(found, was), linesAt(wanted, will), rules);
    append(
      removed,
      group.removed.flatMap((i) => was[i] ?? []),
    );
    append(
      added,
      group.added.flatMap((i) => will[i] ?? []),
    );
  }
  const moved = whole && !tailStands(found, wanted, rules);
  const size = removed.length + added.length;
  if (size === 0 && !moved) return undefined;
  const many =
    size > ALWAYS_EDIT && size > REWRITE_SHARE * Math.max(found.lines.length, wanted.lines.length);
  const unnameable = removed.some((i) => found.lines[i]?.includes('\n'));
  return whole && (many || moved || unnameable)
    ? rewriteOf(found, wanted, removed, added)
    : editOf(found, wanted, removed, added);
}

/** The positions of the lines of a group that are removed, and of those that are added. */
interface GroupDifference {
  readonly removed: readonly number[];
  readonly added: readonly number[];
}

function groupDifference(
  lines: readonly string[],
  wanted: readonly string[],
  { meaning }: LineRules,
): GroupDifference {
  // Of lines that mean the same, those with other comments go.
  const surplus = extraItems(lines, wanted);
  if (surplus !== undefined) return { removed: surplus, added: [] };
  const [before, after] = [lines.map(meaning), wanted.map(meaning)];
  const extra = extraItems(before, after);
  if (extra !== undefined) return { removed: extra, added: [] };
  const ahead = after.length - before.length;
  return equalLists(before, after.slice(ahead))
    ? { removed: [], added: [...after.keys()].slice(0, ahead) }
    : { removed: [...before.keys()], added: [...after.keys()] };
}

function linesAt({ lines }: ChainState, indexes: readonly number[]): readonly string[] {
  return indexes.map((i) => lines[i] ?? '');
}

/** Whether both have the same lines, each once, in any order. */
function haveSameLines({ lines: found }: ChainState, { lines: wanted }: ChainState): boolean {
  const lines = new Set(found);
  const isSame = lines.size === found.length && found.length === wanted.length;
  return isSame && wanted.every((line) => lines.has(line)) && new Set(wanted).size === lines.size;
}

/** The indexes of the lines of each group. */
function groups(
  { lines }: ChainState,
  { group }: LineRules,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [i, line] of lines.entries()) {
    const key = group(line);
    addTo(found, key, i);
  }
  return found;
}

/** Whether the lines that must be last are the last, as far as they are there. */
function tailStands(found: ChainState, wanted: ChainState, { meaning }: LineRules): boolean {
  const tail = new Set(wanted.lines.slice(wanted.lines.length - wanted.tail).map(meaning));
  const old = found.lines.map(meaning);
  const first = old.findIndex((line) => tail.has(line));
  const wantedLines = new Set(wanted.lines.map(meaning));
  return first < 0 || old.slice(first).every((line) => tail.has(line) || !wantedLines.has(line));
}

/** Adds what is missing, and removes our own rules that are there more than once. */
function partialDifference(
  found: ChainState,
  wanted: ChainState,
  { meaning }: LineRules,
): ChainChange | undefined {
  const old = found.lines.map(meaning);
  const fresh = wanted.lines.map(meaning);
  const own = new Set(fresh);
  const removed = multisetDifference(old, fresh).filter((i) => own.has(old[i] ?? ''));
  const added = multisetDifference(fresh, old);
  return removed.length + added.length === 0 ? undefined : editOf(found, wanted, removed, added);
}
