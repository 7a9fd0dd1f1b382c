/** Compares chains as they are with chains as they should be, and says what is to be done. Pure. */

import { commentChanges } from './comment-changes.js';
import { beyond, sameTexts, surplus } from './text-lists.js';
import type { ChainChange, ChainState, Chains, CommentChange, RuleChange } from './types.js';

/** What a backend knows about its lines. */
export interface LineRules {
  /** The line as far as it means something: without its comment. Equal meaning, equal text. */
  readonly meaning: (line: string) => string;
  /** The same for a line of a shared chain, where it also counts which Service its comment names. */
  readonly sharedMeaning: (line: string) => string;
  /** Lines of a shared chain that must keep their order among themselves have one key. */
  readonly group: (line: string) => string;
}

export interface Differences {
  readonly changes: readonly ChainChange[];
  readonly comments: readonly CommentChange[];
}

/** A shared chain is written anew when more than this part of it changes. */
const REWRITE_SHARE = 0.25;
/** Below this number of changed rules a shared chain is edited whatever its size. */
const ALWAYS_EDIT = 8;

/**
 * The changes that make `before` mean what `after` means, deletions last, and the comments that differ.
 *
 * With `whole` false both sides are parts, the chains of some Services before and after: shared chains
 * then hold some of their lines, and are edited whatever the size of the change.
 */
export function diffChains(
  before: Chains,
  after: Chains,
  rules: LineRules,
  whole: boolean,
): Differences {
  const changes: ChainChange[] = [];
  const comments: CommentChange[] = [];
  const shared: LineRules = { ...rules, meaning: rules.sharedMeaning };
  for (const [key, wanted] of after) {
    const found = before.get(key);
    const own = wanted.order === 'shared' ? shared : rules;
    const change =
      found === undefined ? creation(wanted, whole) : difference(found, wanted, own, whole);
    if (change !== undefined) changes.push(change);
    if (found !== undefined) comments.push(...commentChanges(found, wanted, change, own.meaning));
  }
  for (const [key, found] of before) {
    if (after.has(key) || found.order === 'guest') continue;
    changes.push(found.order === 'shared' && !whole ? emptied(found) : deletion(found));
  }
  return { changes, comments };
}

/** A shared chain of which only a part is given is there already. */
function creation(wanted: ChainState, whole: boolean): ChainChange {
  const { table, chain, origin, lines } = wanted;
  const rules = lines.map((_, i) => added(wanted, i));
  if (wanted.order === 'shared' && !whole) {
    return { table, chain, origin, action: 'edit', rules, lines: [], guard: '' };
  }
  return { table, chain, origin, action: 'create', rules, lines, guard: '' };
}

function deletion(found: ChainState): ChainChange {
  return { ...emptied(found), action: 'delete', guard: guardOf(found) };
}

/** All lines of a part taken out of a shared chain, which stays. */
function emptied(found: ChainState): ChainChange {
  const { table, chain, origin, lines } = found;
  const rules = lines.map((_, i) => removed(found, i));
  return { table, chain, origin, action: 'edit', rules, lines: [], guard: '' };
}

function difference(
  found: ChainState,
  wanted: ChainState,
  rules: LineRules,
  whole: boolean,
): ChainChange | undefined {
  if (sameTexts(found.lines, wanted.lines)) return undefined;
  switch (wanted.order) {
    case 'ordered':
      return orderedDifference(found, wanted, rules);
    case 'shared':
      return sharedDifference(found, wanted, rules, whole);
    case 'guest':
      return guestDifference(found, wanted, rules);
  }
}

function orderedDifference(
  found: ChainState,
  wanted: ChainState,
  { meaning }: LineRules,
): ChainChange | undefined {
  const old = found.lines.map(meaning);
  const fresh = wanted.lines.map(meaning);
  return sameTexts(old, fresh)
    ? undefined
    : rewrite(found, wanted, surplus(old, fresh), surplus(fresh, old));
}

/** Where nothing but the order differs, every rule is named. */
function rewrite(
  found: ChainState,
  wanted: ChainState,
  gone: readonly number[],
  come: readonly number[],
): ChainChange {
  const moved = gone.length === 0 && come.length === 0;
  const { table, chain, origin, lines } = wanted;
  // Who wants the chain knows best whose it is: in the kernel perhaps nothing leads to it any more.
  const old = found.order === 'ordered' ? { ...found, origin } : found;
  return {
    table,
    chain,
    origin,
    action: 'rewrite',
    rules: [
      ...(moved ? found.lines.map((_, i) => i) : gone).map((i) => removed(old, i)),
      ...(moved ? lines.map((_, i) => i) : come).map((i) => added(wanted, i)),
    ],
    lines,
    guard: guardOf(found),
  };
}

/** A rule whose comment goes over two lines cannot be named to the tool. */
function guardOf({ lines }: ChainState): string {
  const last = lines.at(-1) ?? '';
  return last.includes('\n') ? '' : last;
}

/**
 * Groups that differ go and come as a whole, so that their lines keep their order, unless it is enough to take some
 * out or to put some in front. The rest stays where it is.
 */
function sharedDifference(
  found: ChainState,
  wanted: ChainState,
  rules: LineRules,
  whole: boolean,
): ChainChange | undefined {
  const old = groups(found, rules);
  const fresh = groups(wanted, rules);
  const gone: number[] = [];
  const come: number[] = [];
  for (const key of new Set([...old.keys(), ...fresh.keys()])) {
    const was = old.get(key) ?? [];
    const will = fresh.get(key) ?? [];
    const before = was.map((i) => rules.meaning(found.lines[i] ?? ''));
    const after = will.map((i) => rules.meaning(wanted.lines[i] ?? ''));
    if (sameTexts(before, after)) continue;
    const extra = beyond(before, after);
    const ahead = after.length - before.length;
    if (extra !== undefined) gone.push(...extra.flatMap((i) => was[i] ?? []));
    else if (ahead > 0 && sameTexts(before, after.slice(ahead))) come.push(...will.slice(0, ahead));
    else {
      gone.push(...was);
      come.push(...will);
    }
  }
  const moved = whole && !tailStands(found, wanted, rules);
  if (gone.length === 0 && come.length === 0 && !moved) return undefined;
  const size = gone.length + come.length;
  const many =
    size > ALWAYS_EDIT && size > REWRITE_SHARE * Math.max(found.lines.length, wanted.lines.length);
  const unspeakable = gone.some((i) => found.lines[i]?.includes('\n'));
  if (whole && (many || moved || unspeakable)) return rewrite(found, wanted, gone, come);
  const { table, chain, origin } = wanted;
  const edits = [...gone.map((i) => removed(found, i)), ...come.map((i) => added(wanted, i))];
  return { table, chain, origin, action: 'edit', rules: edits, lines: [], guard: '' };
}

/** The indexes of the lines of each group. */
function groups(
  { lines }: ChainState,
  { group }: LineRules,
): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [i, line] of lines.entries()) {
    const key = group(line);
    const known = found.get(key);
    if (known === undefined) found.set(key, [i]);
    else known.push(i);
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

/** What must be there and is not. What else is in the chain is none of our business, but for our own rule twice. */
function guestDifference(
  found: ChainState,
  wanted: ChainState,
  { meaning }: LineRules,
): ChainChange | undefined {
  const old = found.lines.map(meaning);
  const fresh = wanted.lines.map(meaning);
  const mine = new Set(fresh);
  const gone = surplus(old, fresh).filter((i) => mine.has(old[i] ?? ''));
  const come = surplus(fresh, old);
  if (gone.length === 0 && come.length === 0) return undefined;
  const { table, chain, origin } = wanted;
  const rules = [...gone.map((i) => removed(found, i)), ...come.map((i) => added(wanted, i))];
  return { table, chain, origin, action: 'edit', rules, lines: [], guard: '' };
}

function removed(state: ChainState, index: number): RuleChange {
  return ruleChange('remove', state, index);
}

function added(state: ChainState, index: number): RuleChange {
  return ruleChange('add', state, index);
}

function ruleChange(op: RuleChange['op'], state: ChainState, index: number): RuleChange {
  const at = index >= state.lines.length - state.tail ? 'tail' : 'head';
  return { op, line: state.lines[index] ?? '', origin: state.origins?.[index] ?? state.origin, at };
}
