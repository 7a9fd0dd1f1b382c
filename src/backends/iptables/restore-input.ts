/**
 * Prints a plan as input of `iptables-restore --noflush`.
 *
 * The tool commits one table after the other. So filter gets new rejections before nat stops
 * translating an address, and loses old ones after nat translates it again: wherever the process is
 * killed, the address of a Service is either translated or rejected.
 */

import { allChanges, changedLines, guardLines } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan, RuleChange } from '../../plan/types.js';
import { append } from '../../ruleset/compare.js';
import { allInSteps, finish, type Steps } from '../../steps.js';
import type { InputTarget } from '../tools.js';
import { builtinRole, isBuiltIn } from './ownership.js';
import { deleted, inserted, targetOf } from './syntax/line-text.js';

/** What of a table's changes a block holds. */
type Part = 'all' | 'additions' | 'removals';

/**
 * Above this number of chains iptables-nft-restore gets slower with every chain, unless `-S` in the
 * input makes it read the table once.
 */
const MANY_CHAINS = 200;

/** Each guard costs a walk through its chain; a larger plan is only checked by reading back. */
const MOST_GUARDS = 50;

/** The input; `''` where there is nothing to do. */
export function restoreInput(plan: FamilyPlan, target: InputTarget): string {
  return finish(restoreInputInSteps(plan, target));
}

/** The same as {@link restoreInput}, step by step. */
export function* restoreInputInSteps(plan: FamilyPlan, target: InputTarget): Steps<string> {
  const changes = allChanges(plan);
  const of = (table: string): readonly ChainChange[] =>
    changes.filter((change) => change.table === table);
  const filter = of('filter');
  const nat = of('nat');
  const split = nat.length > 0 && filter.some(removes);
  return yield* textOf([
    yield* block('mangle', of('mangle'), 'all', target),
    yield* block('filter', filter, split ? 'additions' : 'all', target),
    yield* block('nat', nat, 'all', target),
    split ? yield* block('filter', filter.filter(removes), 'removals', target) : [],
  ]);
}

/** Lines that are joined in one step. */
const PIECE = 5000;

/** The blocks with a line feed behind each line. */
function* textOf(blocks: readonly (readonly string[])[]): Steps<string> {
  const pieces: string[] = [];
  for (const lines of blocks)
    for (let at = 0; at < lines.length; at += PIECE) {
      pieces.push(`${lines.slice(at, at + PIECE).join('\n')}\n`);
      yield;
    }
  return pieces.join('');
}

/** Whether a change deletes anything. */
function removes(change: ChainChange): boolean {
  return change.rules.some((rule) => rule.op === 'remove') || change.action === 'delete';
}

/** The lines of a table; none where nothing changes. */
function* block(
  table: string,
  changes: readonly ChainChange[],
  part: Part,
  target: InputTarget,
): Steps<readonly string[]> {
  const head = [...guards(changes, part, target)];
  append(head, yield* allInSteps(changes, (change) => declaration(change, part)));
  const isLarge = target.variant === 'nf_tables' && head.length > MANY_CHAINS;
  const body = isLarge
    ? yield* readOnce(head, changes, part)
    : [...head, ...(yield* rulesOf(changes, part))];
  const deleted = part === 'additions' ? [] : changes.filter(({ action }) => action === 'delete');
  if (body.length + deleted.length === 0) return [];
  return [`*${table}`, ...body, ...deleted.map(({ name }) => `-X ${name}`), 'COMMIT'];
}

/**
 * The lines of a large block, with `-S` after the first chain: iptables-nft then reads the table
 * once, instead of searching a sorted list of all chains for every line. Built-in chains must exist
 * before that, so a rule is put into each of them.
 */
function* readOnce(
  declarations: readonly string[],
  changes: readonly ChainChange[],
  part: Part,
): Steps<readonly string[]> {
  const builtIn = changes.filter(({ table, name }) => isBuiltIn(table, name));
  const jumps = yield* rulesOf(builtIn, part);
  const targets = new Set(jumps.map((line) => `:${targetOf(line)} - [0:0]`));
  const first = (line: string): boolean => targets.has(line) || !line.startsWith(':');
  const others = changes.filter(({ table, name }) => !isBuiltIn(table, name));
  if (jumps.length === 0) return ['-S', ...declarations, ...(yield* rulesOf(others, part))];
  return [
    ...declarations.filter(first),
    ...jumps,
    '-S',
    ...declarations.filter((line) => !first(line)),
    ...(yield* rulesOf(others, part)),
  ];
}

function rulesOf(changes: readonly ChainChange[], part: Part): Steps<readonly string[]> {
  return allInSteps(changes, (change) => ruleLines(change, part));
}

/**
 * Commands that check what the plan relies on: if it is missing, the tool refuses the whole table.
 *
 * The legacy tools delete the rule and append it again: ip6tables-legacy 1.8.9 does `-C` with a
 * mask that is 160 bytes too short, so that it takes some other rules for the same and crashes
 * where the heap ends. `-D` has all of the mask. The rule was the last of its chain.
 */
function guards(
  changes: readonly ChainChange[],
  part: Part,
  { variant }: InputTarget,
): readonly string[] {
  const lines: string[] = [];
  if (part !== 'removals') for (const change of changes) append(lines, guardLines(change));
  if (lines.length > MOST_GUARDS) return [];
  return variant === 'legacy'
    ? lines.flatMap((line) => [deleted(line), line])
    : lines.map((line) => `-C${line.slice(2)}`);
}

/**
 * A declaration creates a chain or flushes it. A partial chain must not be flushed: `-N` creates it
 * and fails if it exists, and it is only deleted if it holds nothing but our rules. Built-in chains
 * always exist.
 */
function declaration(change: ChainChange, part: Part): readonly string[] {
  const { table, name: chain, action } = change;
  if (action === 'edit' || (action === 'delete' && part === 'additions')) return [];
  if (!isPartial(change)) return [`:${chain} - [0:0]`];
  return action === 'delete' || isBuiltIn(table, chain) ? [] : [`-N ${chain}`];
}

function isPartial({ table, name: chain }: ChainChange): boolean {
  return builtinRole(table, chain) === 'partial';
}

function ruleLines(change: ChainChange, part: Part): readonly string[] {
  switch (change.action) {
    case 'delete':
      return part !== 'additions' && isPartial(change) ? deletions(change) : [];
    case 'create':
      return isPartial(change) ? insertions(change.rules) : change.lines;
    case 'rewrite':
      return part === 'additions' ? [...change.lines, ...removedLines(change)] : change.lines;
    case 'edit':
      return [
        ...(part === 'additions' ? [] : deletions(change)),
        ...(part === 'removals' ? [] : insertions(change.rules)),
      ];
  }
}

/**
 * The old rules of a rewritten chain of filter, which stay after the new ones until nat is loaded.
 * A foreign rule with a line feed in its comment cannot be written and is left out.
 */
function removedLines(change: ChainChange): readonly string[] {
  return changedLines(change, 'remove').filter((line) => !line.includes('\n'));
}

function deletions(change: ChainChange): readonly string[] {
  return changedLines(change, 'remove').map(deleted);
}

/** New rules are inserted at the head, last one first, so that they precede the tail in order. */
function insertions(rules: readonly RuleChange[]): readonly string[] {
  const adds = rules.filter((rule) => rule.op === 'add');
  const head = adds.filter((rule) => rule.at === 'head').map(({ line }) => inserted(line));
  return [...head.reverse(), ...adds.filter((rule) => rule.at === 'tail').map((rule) => rule.line)];
}
