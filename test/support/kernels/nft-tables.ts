/** What a dump of nft holds as plain objects, for tests: a deep comparison shows the difference. */

import { contentLines, type Dump, unitLine } from '../../../src/backends/nftables/syntax/parse.js';

/** What makes a chain, a set or a map, and what is in it. */
interface PlainUnit {
  readonly declaration: string;
  readonly lines: readonly string[];
}

/**
 * The units of each table by name: rules in their order, elements sorted, because their order means
 * nothing.
 */
export function plainTables(dump: Dump): Record<string, Record<string, PlainUnit>> {
  const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted(dump.tables).map(([name, { units }]) => [
      name,
      Object.fromEntries(
        sorted(units).map(([key, unit]) => {
          const lines = contentLines(name, unit);
          const { kind } = unit.declaration;
          return [
            key,
            {
              declaration: unitLine(name, { ...unit, comment: '' }),
              lines: kind === 'chain' ? lines : lines.toSorted(),
            },
          ];
        }),
      ),
    ]),
  );
}

/**
 * The commands of a script that make something, in order, but for those of the tables themselves.
 */
export function commandsOf(script: string): readonly string[] {
  return script.split('\n').filter((line) => /^add (?:chain|set|map|element|rule) /.test(line));
}
