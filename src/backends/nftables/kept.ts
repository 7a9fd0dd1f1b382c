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
 * The Ruleset in which the ports of `origins` have what the dump holds for them. A port that the kernel does not know
 * is left out; nothing else changes, and a plan from this dump touches no rule of these ports.
 */
export function keepAsItWas(ruleset: Ruleset, origins: ReadonlySet<string>, dump: Dump): Ruleset {
  if (origins.size === 0) return ruleset;
  const found = fragmentsOf(ruleset, dump, (origin) => origins.has(origin));
  const ports = ruleset.ports.flatMap((fragment) =>
    origins.has(fragment.origin) ? (found.get(fragment.origin) ?? []) : [fragment],
  );
  return { ...ruleset, ports };
}

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
  const isMeant = (origin: string): boolean => services.has(serviceOf(origin));
  const found = fragmentsOf(ruleset, dump, isMeant);
  const others = ruleset.ports.filter(({ origin }) => !isMeant(origin));
  const kept = [...found].sort(([a], [b]) => compareText(a, b)).map(([, fragment]) => fragment);
  return { ...ruleset, ports: [...others, ...kept] };
}

/** What a dump holds for the Service ports that are meant. Of an element that others need as well, too. */
function fragmentsOf(
  { family }: Ruleset,
  dump: Dump,
  isMeant: (origin: string) => boolean,
): ReadonlyMap<string, Fragment> {
  const table = dump.tables.get(tableName(family));
  const lines = table === undefined ? new Map<string, string[]>() : linesOf(table, isMeant);
  return new Map(
    [...lines].map(([origin, list]) => [origin, { origin, text: `${list.join('\n')}\n` }]),
  );
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
