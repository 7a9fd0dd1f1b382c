/**
 * What a dump of iptables holds as plain objects, for tests: a deep comparison shows the
 * difference.
 */

import type { Dump } from '../../../src/backends/iptables/syntax/parse.js';

/**
 * The rules by table and chain as plain objects with sorted keys, chains that `keep` refuses
 * left out.
 */
export function toTables(
  dump: Dump,
  keep: (chain: string, table: string) => boolean = () => true,
): Record<string, Record<string, readonly string[]>> {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted(dump.tables).map(([table, chains]) => [
      table,
      Object.fromEntries(
        sorted(chains)
          .filter(([chain]) => keep(chain, table))
          .map(([chain, { rules }]) => [chain, rules]),
      ),
    ]),
  );
}
