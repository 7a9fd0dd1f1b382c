/**
 * What a dump holds for single Service ports, in the form of the fragments that the templates
 * write.
 */

import { addTo } from '../../grouping.js';
import type { ChainState, Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import { dumpChains } from './chains.js';
import { flattened } from './dispatch/fragment-rules.js';
import { arrangedFragments } from './layouts/fast/layout.js';
import { chainOrigins, mayBeOfOne } from './origin.js';
import type { Ownership } from './ownership.js';
import { targetOf } from './syntax/line-text.js';
import type { Dump, DumpChain } from './syntax/parse.js';

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
 * The dump without the chains of the meant Service ports, whose lines in chains of every node stay.
 * The whole where their rules lead to a chain that is wanted, which would be of another port then,
 * or where chains of other ports lead to theirs.
 */
export function withoutChainsOf(
  dump: Dump,
  wanted: Chains,
  ownership: Ownership,
  isMeant: (origin: string) => boolean,
): Dump {
  const tables = new Map<string, ReadonlyMap<string, DumpChain>>();
  for (const [table, chains] of dump.tables) {
    const origins = chainOrigins(table, chains, ownership);
    const left = chainsWithout(chains, {
      isTheirs: (name) => isMeant(origins.get(name) ?? ''),
      isWanted: (name) => wanted.has(`${table} ${name}`),
      isOfOne: (name) => mayBeOfOne(ownership.roleOf(table, name)),
    });
    if (left === undefined) return dump;
    tables.set(table, left);
  }
  return { ...dump, tables };
}

type ByName = (name: string) => boolean;

/** The chains that are not theirs; `undefined` where these are mixed up with others. */
function chainsWithout(
  chains: ReadonlyMap<string, DumpChain>,
  { isTheirs, isWanted, isOfOne }: Record<'isTheirs' | 'isWanted' | 'isOfOne', ByName>,
): ReadonlyMap<string, DumpChain> | undefined {
  const left = new Map<string, DumpChain>();
  for (const name of chains.keys()) {
    if (isTheirs(name)) {
      if (isWanted(name)) return undefined;
      continue;
    }
    const chain = chains.get(name);
    if (chain === undefined) continue;
    if (isOfOne(name) && chain.rules.some((line) => isTheirs(targetOf(line)))) return undefined;
    left.set(name, chain);
  }
  return left;
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
