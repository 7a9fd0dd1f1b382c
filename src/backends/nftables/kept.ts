/** What a dump holds for single Service ports, in the form of the fragments that the templates write. */

import type { Family } from '../../net/ip.js';
import type { HeldFragments } from '../kept.js';
import { elementOrigins, originOfElement, originOfName } from './origin.js';
import { tableName } from './ownership.js';
import { withComment } from './syntax/declarations.js';
import type { DumpTable } from './syntax/dump-reader.js';
import type { Dump } from './syntax/parse.js';

/** The fragments that the table of a family holds. Of an element that others need as well, too. */
export function heldFragments(dump: Dump, family: Family): HeldFragments {
  const table = dump.tables.get(tableName(family));
  return (isMeant) => {
    const found = table === undefined ? new Map<string, string[]>() : linesOf(table, isMeant);
    return new Map(
      [...found].map(([origin, lines]) => [origin, { origin, text: `${lines.join('\n')}\n` }]),
    );
  };
}

function linesOf(
  table: DumpTable,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const take = (origin: string, lines: readonly string[]): void => {
    if (isMeant(origin)) found.set(origin, [...(found.get(origin) ?? []), ...lines]);
  };
  const origins = elementOrigins(table, isMeant);
  for (const { kind, name, declaration, comment, lines } of table.units.values()) {
    const own = originOfName(name);
    if (own !== '') take(own, [withComment(declaration, comment), ...lines]);
    else if (kind === 'set' || kind === 'map')
      for (const line of lines) take(originOfElement(line, origins), [line]);
  }
  return found;
}
