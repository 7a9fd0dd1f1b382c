/**
 * Reads what nft prints, of any version, and the scripts that it takes, into the lines of our templates, so that
 * a dump, a golden file and our own script compare line by line.
 */

import { equalMaps } from '../../../ruleset/compare.js';
import { withComment } from './declarations.js';
import { type Dump, DumpReader, type DumpTable, type DumpUnit } from './dump-reader.js';
import { readJson } from './json-dump.js';
import { readCommand } from './script-dump.js';

export type { Dump, DumpTable, DumpUnit } from './dump-reader.js';

export interface ParseOptions {
  /** What errors call the text: a file name or a command. */
  readonly name?: string;
}

/**
 * The tables of `nft -j list ruleset`, of `nft -j list table`, or of a script with one command a line. Whatever
 * depends only on the version that printed it is gone; what is not understood is kept as `json {…}`.
 *
 * Refuses with {@link ParseError} what is less than the kernel holds: JSON that is broken or cut off, and no text
 * at all, because nft always says at least its version. A table that iptables-nft made is not read but named: nft
 * lists its rules without their arguments.
 */
export function parseDump(text: string, options: ParseOptions = {}): Dump {
  const reader = new DumpReader(options.name);
  if (text.trim() === '')
    reader.fail('nft printed nothing: it crashed, or there is no such table', CRASH);
  if (text.trimStart().startsWith('{')) readJson(text, reader);
  else {
    for (const [i, line] of text.split('\n').entries()) {
      reader.number = i + 1;
      readCommand(line, reader);
    }
  }
  return reader.finish();
}

const CRASH =
  'nft before 1.1 crashes on sets that a newer nft made; use the nft that wrote them, such as the one of the kube-proxy image';

/**
 * The commands that make what a dump holds, in an order in which nft takes them: tables, chains, sets, maps, elements,
 * rules. What was kept as `json {…}` is in there too, and nft will not take it.
 */
export function dumpLines(dump: Dump): readonly string[] {
  const tables = [...dump.tables.values()];
  const units = tables.flatMap((table) => [...table.units.values()]);
  const of = (kind: DumpUnit['kind']): readonly DumpUnit[] =>
    units.filter((unit) => unit.kind === kind);
  const [chains, sets, maps] = [of('chain'), of('set'), of('map')];
  return [
    ...tables.map(tableLine),
    ...of('other').map(({ declaration }) => declaration),
    ...[...chains, ...sets, ...maps].map(({ declaration, comment }) =>
      withComment(declaration, comment),
    ),
    ...[...sets, ...maps, ...chains].flatMap(({ lines }) => lines),
  ];
}

function tableLine({ family, name, comment, flags }: DumpTable): string {
  const block = flags.length === 0 ? '' : ` { flags ${flags.join(',')} ; }`;
  return withComment(`add table ${family} ${name}${block}`, comment);
}

/**
 * Whether both dumps hold the same tables with the same chains, sets and maps. The order of rules in a chain means
 * everything, any other order nothing, and comments of tables, chains and sets do not count: not every version tells them.
 */
export function equalDumps(a: Dump, b: Dump): boolean {
  return equalMaps(
    a.tables,
    b.tables,
    (table, other) =>
      table.flags.join() === other.flags.join() && equalMaps(table.units, other.units, equalUnits),
  );
}

/** Whether two units are the same to the kernel, in whatever order their elements stand. */
function equalUnits(a: DumpUnit, b: DumpUnit): boolean {
  if (a.kind !== b.kind || a.declaration !== b.declaration) return false;
  if (a.lines.length !== b.lines.length) return false;
  if (a.kind === 'chain') return a.lines.every((line, i) => line === b.lines[i]);
  const lines = new Set(a.lines);
  return b.lines.every((line) => lines.has(line));
}
