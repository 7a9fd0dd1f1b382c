/** Gives Service ports of a Ruleset the rules that the kernel has for them, so that a plan leaves these alone. Pure. */

import { compareText } from '../../model/order.js';
import type { NamespacedName } from '../../model/types.js';
import { serviceOf } from '../../plan/origin.js';
import type { ChainState, Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { dumpChains } from './chains.js';
import type { Dump } from './parse.js';

/**
 * The Ruleset in which the ports of `origins` have what the dump holds for them. A port that the kernel does not know
 * is left out; nothing else changes, and a plan from this dump touches no rule of these ports.
 */
export function keepAsItWas(ruleset: Ruleset, origins: ReadonlySet<string>, dump: Dump): Ruleset {
  if (origins.size === 0) return ruleset;
  const found = new Map<string, Map<string, string[]>>();
  collect(dumpChains(dump), origins, found);
  const ports = ruleset.ports.flatMap((fragment): readonly Fragment[] => {
    if (!origins.has(fragment.origin)) return [fragment];
    const tables = found.get(fragment.origin);
    return tables === undefined ? [] : [{ origin: fragment.origin, text: textOf(tables) }];
  });
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
  const there = [...dumpChains(dump).values()].flatMap((state) => [
    state.origin,
    ...(state.origins ?? []),
  ]);
  const origins = new Set(there.filter((origin) => services.has(serviceOf(origin))));
  const others = ruleset.ports.filter(({ origin }) => !services.has(serviceOf(origin)));
  const known = [...origins].sort(compareText).map((origin): Fragment => ({ origin, text: '' }));
  return keepAsItWas({ ...ruleset, ports: [...others, ...known] }, origins, dump);
}

/** Lines by origin and table. */
function collect(
  chains: Chains,
  origins: ReadonlySet<string>,
  found: Map<string, Map<string, string[]>>,
): void {
  const linesOf = (origin: string, table: string): string[] => {
    const tables = found.get(origin) ?? new Map<string, string[]>();
    found.set(origin, tables);
    const lines = tables.get(table) ?? [];
    tables.set(table, lines);
    return lines;
  };
  for (const state of chains.values()) {
    const { table, chain, origin, lines } = state;
    if (state.order === 'ordered' && origins.has(origin))
      linesOf(origin, table).push(`:${chain} - [0:0]`, ...lines);
    if (state.order === 'shared')
      for (const [i, line] of lines.entries()) {
        const own = originAt(state, i);
        if (origins.has(own)) linesOf(own, table).push(line);
      }
  }
}

function originAt({ origins, origin }: ChainState, index: number): string {
  return origins?.[index] ?? origin;
}

function textOf(tables: ReadonlyMap<string, readonly string[]>): string {
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\n`).join('');
}
