/**
 * What a dump holds for single Service ports, in the form of the fragments that the templates
 * write.
 */

import { addTo } from '../../grouping.js';
import type { ChainState } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { dumpChains } from './chains.js';
import { flattened } from './dispatch/fragment-rules.js';
import { arrangedFragments } from './layouts/fast/layout.js';
import type { Ownership } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/**
 * The fragments of the Service ports that are meant, by origin: chains of their own, and their
 * lines in chains of every node.
 */
export function heldFragments(
  dump: Dump,
  ownership: Ownership,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, Fragment> {
  /** Lines by origin and table. */
  const found = new Map<string, Map<string, string[]>>();
  const linesOf = (origin: string, table: string): string[] => {
    const tables = found.get(origin) ?? new Map<string, string[]>();
    found.set(origin, tables);
    const lines = tables.get(table) ?? [];
    tables.set(table, lines);
    return lines;
  };
  for (const state of dumpChains(dump, ownership).values())
    for (const [origin, lines] of linesByOrigin(state, isMeant)) {
      const own = linesOf(origin, state.table);
      for (const line of lines) own.push(line);
    }
  return new Map([...found].map(([origin, tables]) => [origin, { origin, text: textOf(tables) }]));
}

/**
 * The lines of a chain by the Service port that they belong to; a chain of one port with its
 * declaration.
 */
function linesByOrigin(
  { name: chain, order, origin, origins, lines }: ChainState,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  if (origins === undefined)
    return order === 'ordered' && isMeant(origin)
      ? new Map([[origin, [`:${chain} - [0:0]`, ...lines]]])
      : new Map();
  const found = new Map<string, string[]>();
  for (const [i, line] of lines.entries()) {
    const own = origins[i] ?? '';
    if (!isMeant(own)) continue;
    addTo(found, own, line);
  }
  return found;
}

function textOf(tables: ReadonlyMap<string, readonly string[]>): string {
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\n`).join('');
}

/**
 * The Ruleset `after` with the rules of each port where its layout has them: ports that `before`
 * does not have may be written for other Services beside them, or in another layout.
 */
export function rearranged(before: Ruleset, after: Ruleset): Ruleset {
  if (after === before) return after;
  // Without a node, rules stand in the roots in every layout.
  if (after.shared.length === 0) {
    const known = new Set(before.ports);
    const ports = after.ports.map((port) => (known.has(port) ? port : flattened(port)));
    return { ...after, ports };
  }
  return { ...after, ...arrangedFragments(after.ports, after.family, before) };
}
