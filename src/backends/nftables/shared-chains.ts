/**
 * The chains of many Services that rules need which are kept as they are: the layout makes those
 * that are needed by what it renders, and a Service may be kept that leads to another one.
 */

import type { Family } from '../../net/ip.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { originOfName } from './origin.js';
import { tableName } from './ownership.js';
import { referencesOf, unitsMadeBy } from './syntax/line-text.js';
import { contentLines, type Dump, unitLine } from './syntax/parse.js';

/**
 * The Ruleset with those of the fragments `held` that its Service ports lead to and that it does
 * not make itself. Looks only at the ports that `before` does not have.
 */
export function withSharedChains(
  before: Ruleset,
  after: Ruleset,
  held: () => readonly Fragment[],
): Ruleset {
  if (after === before) return after;
  const known = new Set(before.ports);
  const fresh = after.ports.filter((fragment) => !known.has(fragment));
  const made = new Set([after.frame, ...after.shared, ...fresh].flatMap(chainsMadeBy));
  const byChain = new Map(
    held().flatMap((fragment) => chainsMadeBy(fragment).map((name) => [name, fragment] as const)),
  );
  const added = new Set<Fragment>();
  const open = fresh.flatMap(chainsNamedIn);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const fragment = made.has(name) ? undefined : byChain.get(name);
    made.add(name);
    if (fragment === undefined) continue;
    added.add(fragment);
    for (const other of chainsNamedIn(fragment)) open.push(other);
  }
  return added.size === 0 ? after : { ...after, shared: [...after.shared, ...added] };
}

/** The chains of no single Service that a table holds, each as a fragment. */
export function sharedFragmentsOf(dump: Dump, family: Family): readonly Fragment[] {
  const name = tableName(family);
  const units = [...(dump.tables.get(name)?.units.values() ?? [])];
  return units
    .filter((unit) => unit.declaration.kind === 'chain' && originOfName(unit.name) === '')
    .map((unit) => ({
      origin: '',
      text: `${[unitLine(name, unit), ...contentLines(name, unit)].join('\n')}\n`,
    }));
}

function chainsMadeBy({ text }: Fragment): readonly string[] {
  return unitsMadeBy(text).flatMap(({ kind, name }) => (kind === 'chain' ? [name] : []));
}

function chainsNamedIn({ text }: Fragment): readonly string[] {
  return text
    .split('\n')
    .flatMap(referencesOf)
    .flatMap(({ kind, name }) => (kind === 'chain' ? [name] : []));
}
