/**
 * What a dump holds for single Service ports, in the form of the fragments that the templates
 * write.
 */

import type { Family } from '../../net/ip.js';
import type { HeldFragments } from '../kept.js';
import { elementOrigins, originOfElement, originOfName } from './origin.js';
import { tableName } from './ownership.js';
import { contentLines, type Dump, type DumpTable, unitLine } from './syntax/parse.js';
import { elementLine } from './syntax/units.js';

/** The fragments that the table of a family holds. Of an element that others need as well, too. */
export function heldFragments(dump: Dump, family: Family): HeldFragments {
  const table = dump.tables.get(tableName(family));
  return (isAsked) => {
    const found = table === undefined ? new Map<string, string[]>() : linesOf(table, isAsked);
    return new Map(
      [...found].map(([origin, lines]) => [origin, { origin, text: `${lines.join('\n')}\n` }]),
    );
  };
}

function linesOf(
  table: DumpTable,
  isAsked: (origin: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const take = (origin: string, lines: readonly string[]): void => {
    if (isAsked(origin)) found.set(origin, [...(found.get(origin) ?? []), ...lines]);
  };
  const origins = elementOrigins(table, isAsked);
  const place = `${table.family} ${table.name}`;
  for (const unit of table.units.values()) {
    const own = originOfName(unit.name);
    if (own !== '') take(own, [unitLine(place, unit), ...contentLines(place, unit)]);
    else
      for (const element of unit.elements)
        take(originOfElement(element, origins), [elementLine(place, unit.name, element)]);
  }
  return found;
}
