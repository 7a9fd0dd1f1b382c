/** What a dump holds for single Service ports, in the form of the fragments that the templates write. */

import type { Fragment } from '../../ruleset/types.js';
import { dumpChains } from './chains.js';
import type { Ownership } from './ownership.js';
import type { Dump } from './syntax/parse.js';

/**
 * The fragments of the Service ports that are meant, by origin: chains of their own, and their lines in
 * chains of every node.
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
  for (const { table, chain, order, origin, origins, lines } of dumpChains(
    dump,
    ownership,
  ).values()) {
    if (origins !== undefined) {
      for (const [i, line] of lines.entries()) {
        const own = origins[i] ?? '';
        if (isMeant(own)) linesOf(own, table).push(line);
      }
    } else if (order === 'ordered' && isMeant(origin)) {
      const own = linesOf(origin, table);
      own.push(`:${chain} - [0:0]`);
      for (const line of lines) own.push(line);
    }
  }
  return new Map([...found].map(([origin, tables]) => [origin, { origin, text: textOf(tables) }]));
}

function textOf(tables: ReadonlyMap<string, readonly string[]>): string {
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\n`).join('');
}
