/** Gives Service ports of a Ruleset the rules that the kernel has for them, so that a plan leaves these alone. Pure. */

import { compareText } from '../../model/order.js';
import type { NamespacedName } from '../../model/types.js';
import { serviceOf } from '../../plan/origin.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { DumpTable } from './dump-reader.js';
import { withComment } from './grammar/declarations.js';
import { elementOrigins, originOfElement, originOfName } from './origin.js';
import { tableName } from './ownership.js';
import type { Dump } from './parse.js';

/**
 * The Ruleset in which these Services (`namespace/name`) have what the dump holds for them, whatever it is, also where
 * the Ruleset does not know them: for Services of which the input was not understood.
 */
export function keepServices(
  ruleset: Ruleset,
  services: ReadonlySet<NamespacedName>,
  dump: Dump,
): Ruleset {
  if (services.size === 0) return ruleset;
  const table = dump.tables.get(tableName(ruleset.family));
  const found = table === undefined ? new Map<string, string[]>() : linesOf(table, services);
  const others = ruleset.ports.filter(({ origin }) => !services.has(serviceOf(origin)));
  const kept = [...found]
    .sort(([a], [b]) => compareText(a, b))
    .map(([origin, lines]): Fragment => ({ origin, text: `${lines.join('\n')}\n` }));
  return { ...ruleset, ports: [...others, ...kept] };
}

/** Everything of some Services, by Service port. Of an element that others need as well, too. */
function linesOf(
  table: DumpTable,
  services: ReadonlySet<NamespacedName>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const isMeant = (origin: string): boolean => services.has(serviceOf(origin));
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
