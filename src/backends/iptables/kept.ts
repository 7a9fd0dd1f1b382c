/** What a dump holds for single Service ports, in the form of the fragments that the templates write. */

import type { ChainState } from '../../plan/types.js';
import type { HeldFragments } from '../kept.js';
import { dumpChains } from './chains.js';
import type { Dump } from './syntax/parse.js';

/** The fragments that a dump holds: chains of their own, and their lines in the shared ones. */
export function heldFragments(dump: Dump): HeldFragments {
  return (isMeant) => {
    const found = linesByOrigin(dump, isMeant);
    return new Map(
      [...found].map(([origin, tables]) => [origin, { origin, text: textOf(tables) }]),
    );
  };
}

/** Lines by origin and table. */
function linesByOrigin(
  dump: Dump,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  const linesOf = (origin: string, table: string): string[] => {
    const tables = found.get(origin) ?? new Map<string, string[]>();
    found.set(origin, tables);
    const lines = tables.get(table) ?? [];
    tables.set(table, lines);
    return lines;
  };
  for (const state of dumpChains(dump).values()) {
    const { table, chain, origin, lines } = state;
    if (state.order === 'ordered' && isMeant(origin))
      linesOf(origin, table).push(`:${chain} - [0:0]`, ...lines);
    if (state.order === 'shared')
      for (const [i, line] of lines.entries()) {
        const own = originAt(state, i);
        if (isMeant(own)) linesOf(own, table).push(line);
      }
  }
  return found;
}

function originAt({ origins, origin }: ChainState, index: number): string {
  return origins?.[index] ?? origin;
}

function textOf(tables: ReadonlyMap<string, readonly string[]>): string {
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\n`).join('');
}
