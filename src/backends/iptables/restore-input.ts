/**
 * Spells a plan as input of `iptables-restore --noflush`, and reads back what the tool says when it
 * refuses.
 *
 * A table is committed as a whole, one table after the other. So what filter must refuse comes
 * before nat stops translating it, and what filter no longer refuses goes after nat translates it:
 * wherever the process is killed, an address of a Service is either translated or refused.
 */

import { changedLines, guardLines } from '../../plan/chain-change.js';
import { allChanges } from '../../plan/plan.js';
import type { ChainChange, FamilyPlan, RuleChange } from '../../plan/types.js';
import { builtinRole, isBuiltIn } from './ownership.js';
import { targetOf } from './syntax/line-text.js';

export interface InputOptions {
  readonly variant: 'nf_tables' | 'legacy';
}

/** What of a table's changes a block holds. */
type Part = 'all' | 'additions' | 'removals';

/**
 * Above this number of chains iptables-nft-restore gets slower with every chain unless told to read
 * the table once.
 */
const MANY_CHAINS = 200;

/** Guards cost a walk through the chain each; a large plan is checked by reading back instead. */
const MOST_GUARDS = 50;

/** The input; `''` where there is nothing to do. */
export function restoreInput(plan: FamilyPlan, options: InputOptions): string {
  const changes = allChanges(plan);
  const of = (table: string): readonly ChainChange[] =>
    changes.filter((change) => change.table === table);
  const filter = of('filter');
  const split = of('nat').length > 0 && filter.some(removes);
  return [
    block('mangle', of('mangle'), 'all', options),
    block('filter', filter, split ? 'additions' : 'all', options),
    block('nat', of('nat'), 'all', options),
    split ? block('filter', filter.filter(removes), 'removals', options) : '',
  ].join('');
}

/** Whether a change takes anything away. */
function removes(change: ChainChange): boolean {
  return change.rules.some((rule) => rule.op === 'remove') || change.action === 'delete';
}

function block(
  table: string,
  changes: readonly ChainChange[],
  part: Part,
  options: InputOptions,
): string {
  const lines = [
    ...guards(changes, part),
    ...changes.flatMap((change) => declaration(change, part)),
  ];
  const deleted =
    part === 'additions'
      ? []
      : changes.filter(({ action }) => action === 'delete').map(({ name }) => `-X ${name}`);
  const body =
    options.variant === 'nf_tables' && lines.length > MANY_CHAINS
      ? readOnce(lines, changes, part)
      : [...lines, ...rulesOf(changes, part)];
  return body.length + deleted.length === 0
    ? ''
    : [`*${table}`, ...body, ...deleted, 'COMMIT', ''].join('\n');
}

/**
 * The lines of a large block with `-S` behind the first chain: iptables-nft then reads the table
 * once, where it would otherwise search a sorted list of all names for every line. Built-in chains
 * must exist before, which a rule in each of them sees to.
 */
function readOnce(
  declarations: readonly string[],
  changes: readonly ChainChange[],
  part: Part,
): readonly string[] {
  const builtIn = changes.filter(({ table, name }) => isBuiltIn(table, name));
  const jumps = rulesOf(builtIn, part);
  const targets = new Set(jumps.map((line) => `:${targetOf(line)} - [0:0]`));
  const first = (line: string): boolean => targets.has(line) || !line.startsWith(':');
  const others = changes.filter(({ table, name }) => !isBuiltIn(table, name));
  if (jumps.length === 0) return ['-S', ...declarations, ...rulesOf(others, part)];
  return [
    ...declarations.filter(first),
    ...jumps,
    '-S',
    ...declarations.filter((line) => !first(line)),
    ...rulesOf(others, part),
  ];
}

function rulesOf(changes: readonly ChainChange[], part: Part): readonly string[] {
  return changes.flatMap((change) => ruleLines(change, part));
}

/**
 * What the plan found and relies on: if it is not there any more, the tool refuses the whole table.
 */
function guards(changes: readonly ChainChange[], part: Part): readonly string[] {
  const lines = part === 'removals' ? [] : changes.flatMap(guardLines);
  return lines.length > MOST_GUARDS ? [] : lines.map((line) => `-C${line.slice(2)}`);
}

/**
 * A declaration creates a chain or empties it. A guest chain must not be emptied, so it is created
 * by a command that fails if it exists by now, and deleted only if nothing but our rules is in it;
 * a built-in one always exists.
 */
function declaration(change: ChainChange, part: Part): readonly string[] {
  const { table, name: chain, action } = change;
  if (action === 'edit' || (action === 'delete' && part === 'additions')) return [];
  if (!isGuest(change)) return [`:${chain} - [0:0]`];
  return action === 'delete' || isBuiltIn(table, chain) ? [] : [`-N ${chain}`];
}

function isGuest({ table, name: chain }: ChainChange): boolean {
  return builtinRole(table, chain) === 'guest';
}

function ruleLines(change: ChainChange, part: Part): readonly string[] {
  switch (change.action) {
    case 'delete':
      return part !== 'additions' && isGuest(change) ? deletions(change) : [];
    case 'create':
      return isGuest(change) ? insertions(change.rules) : change.lines;
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
 * Until nat has followed, a rewritten chain of filter goes on doing what it did, behind what it
 * will do. Somebody else's rule whose comment goes over two lines cannot be written, and is not
 * worth it.
 */
function removedLines(change: ChainChange): readonly string[] {
  return changedLines(change, 'remove').filter((line) => !line.includes('\n'));
}

function deletions(change: ChainChange): readonly string[] {
  return changedLines(change, 'remove').map((line) => `-D${line.slice(2)}`);
}

/**
 * New rules go to the head, the last first, so that they stand there in their order and before any
 * tail.
 */
function insertions(rules: readonly RuleChange[]): readonly string[] {
  const adds = rules.filter((rule) => rule.op === 'add');
  const head = adds
    .filter((rule) => rule.at === 'head')
    .map(({ line }) => line.replace(/^-A (\S+)/, '-I $1 1'));
  return [...head.reverse(), ...adds.filter((rule) => rule.at === 'tail').map((rule) => rule.line)];
}
