/**
 * Finds the Service that a rule of a dump belongs to, by its comment and by the jumps to its chain.
 */

import type { ChainRole } from './layouts/layout.js';
import type { Ownership } from './ownership.js';
import { originOfLine, targetOf } from './syntax/line-text.js';
import type { DumpChain } from './syntax/parse.js';

/** The origin of each line. */
export function lineOrigins(lines: readonly string[]): readonly string[] {
  return lines.map(originOfLine);
}

/**
 * The Service port that the rules of a chain name, for a chain that nothing jumps to; the most
 * exact one.
 */
export function originOfLines(lines: readonly string[]): string {
  const origins = lineOrigins(lines);
  return (
    origins.find((origin) => origin.includes(' ')) ?? origins.find((origin) => origin !== '') ?? ''
  );
}

/** The roles of chains whose rules lead to those of single Services. */
const DISPATCHING: ReadonlySet<ChainRole> = new Set(['shared', 'mixed', 'remembered']);

/** Whether a chain with this role may belong to a single Service port. */
export function mayBeOfOne(role: ChainRole): boolean {
  return role === 'service' || role === 'remembered';
}

/**
 * The Service port of every chain of a table that a rule with a Service's name jumps to, directly
 * or through other chains. In large clusters endpoint rules have no comments, so jumps are
 * followed.
 */
export function chainOrigins(
  table: string,
  chains: ReadonlyMap<string, DumpChain>,
  { roleOf }: Ownership,
): ReadonlyMap<string, string> {
  const origins = new Map<string, string>();
  /** What most rules lead to, and is no chain of one Service. */
  const others = new Set<string>();
  const reach = (first: string, origin: string): void => {
    const reached = [first];
    for (let name = reached.pop(); name !== undefined; name = reached.pop()) {
      if (origins.has(name) || others.has(name)) continue;
      const chain = mayBeOfOne(roleOf(table, name)) ? chains.get(name) : undefined;
      if (chain === undefined) {
        others.add(name);
        continue;
      }
      origins.set(name, origin);
      for (const line of chain.rules) reached.push(targetOf(line));
    }
  };
  for (const [name, chain] of chains) {
    if (!DISPATCHING.has(roleOf(table, name))) continue;
    for (const line of chain.rules) {
      const origin = originOfLine(line);
      if (origin !== '') reach(targetOf(line), origin);
    }
  }
  return origins;
}
