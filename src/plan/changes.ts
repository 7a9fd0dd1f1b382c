/** Makes the changes of a plan from chains and the lines of them that differ. */

import type { ChainChange, ChainEdit, ChainRewrite, ChainState, RuleChange } from './types.js';

/** A shared chain of which only a part is given exists already, unless this part makes it. */
export function creationOf(wanted: ChainState, whole: boolean): ChainChange {
  // Each field by its name: a first load creates every chain, and spreads take several times as
  // long.
  const { table, kind, name, origin, lines } = wanted;
  const rules = everyLine('add', wanted);
  return isPart(wanted, whole)
    ? { action: 'edit', table, kind, name, origin, rules }
    : { action: 'create', table, kind, name, origin, rules, lines };
}

/** A shared chain of which only a part is given stays, unless it was this part that made it. */
export function removalOf(found: ChainState, whole: boolean): ChainChange {
  const { table, kind, name, origin } = found;
  const rules = everyLine('remove', found);
  return isPart(found, whole)
    ? { action: 'edit', table, kind, name, origin, rules }
    : { action: 'delete', table, kind, name, origin, rules, ...guardOf(found) };
}

function isPart({ order, declared }: ChainState, whole: boolean): boolean {
  return order === 'shared' && !whole && declared !== true;
}

/** The rewrite of a chain. Where nothing but the order differs, every rule is listed. */
export function rewriteOf(
  found: ChainState,
  wanted: ChainState,
  removed: readonly number[],
  added: readonly number[],
): ChainRewrite {
  const moved = removed.length === 0 && added.length === 0;
  // The origin comes from the wanted chain: in the kernel nothing may lead to the chain any more.
  const old = found.order === 'ordered' ? { ...found, origin: wanted.origin } : found;
  const { table, kind, name, origin, lines } = wanted;
  const rules = moved
    ? [...everyLine('remove', old), ...everyLine('add', wanted)]
    : changedRules(old, wanted, removed, added);
  return { action: 'rewrite', table, kind, name, origin, rules, lines, ...guardOf(found) };
}

/** The last line as a precondition; none where a line feed keeps it from the tool. */
export function guardOf({ lines }: ChainState): { readonly guard?: string } {
  const last = lines.at(-1);
  return last === undefined || last.includes('\n') ? {} : { guard: last };
}

/** Removes lines of `found` and adds lines of `wanted`, both by index. */
export function editOf(
  found: ChainState,
  wanted: ChainState,
  removed: readonly number[],
  added: readonly number[],
): ChainEdit {
  const { table, kind, name, origin } = wanted;
  const rules = changedRules(found, wanted, removed, added);
  return { action: 'edit', table, kind, name, origin, rules };
}

function changedRules(
  found: ChainState,
  wanted: ChainState,
  removed: readonly number[],
  added: readonly number[],
): readonly RuleChange[] {
  return [
    ...removed.map((i) => ruleChange('remove', found, i)),
    ...added.map((i) => ruleChange('add', wanted, i)),
  ];
}

function everyLine(op: RuleChange['op'], state: ChainState): readonly RuleChange[] {
  return state.lines.map((_, i) => ruleChange(op, state, i));
}

function ruleChange(op: RuleChange['op'], state: ChainState, index: number): RuleChange {
  const at = index >= state.lines.length - state.tail ? 'tail' : 'head';
  return { op, line: state.lines[index] ?? '', origin: state.origins?.[index] ?? state.origin, at };
}
