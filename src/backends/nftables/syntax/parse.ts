/**
 * Reads what nft prints, of any version, and the scripts that it takes, into the lines of our
 * templates, so that a dump, a golden file and our own script compare line by line.
 */

import { equalLists, equalMaps } from '../../../ruleset/compare.js';
import { finish, type Steps } from '../../../steps.js';
import type { ParseOptions } from '../../backend.js';
import { type Dump, DumpReader } from './dump-reader.js';
import { readJsonDump } from './json-dump.js';
import { lateListing } from './json-late.js';
import { readCommand } from './script-dump.js';
import { readLater } from './script-late.js';
import {
  type Declaration,
  type DumpUnit,
  declarationLine,
  elementLine,
  tableLine,
  withComment,
} from './units.js';

export type { Dump, DumpTable } from './dump-reader.js';
export type { DumpUnit } from './units.js';

/**
 * The tables of `nft -j list ruleset`, of `nft -j list table`, or of a script with one command a
 * line. What depends only on the version that printed it is normalised; what is not understood is
 * kept as `json {…}`.
 *
 * Refuses with {@link ParseError} what is less than the kernel holds: JSON that is broken or cut
 * off, and no text at all, because nft always says at least its version. A table that iptables-nft
 * made is not read but named: nft lists its rules without their arguments.
 */
export function parseDump(text: string, options: ParseOptions = {}): Dump {
  return finish(parseInSteps(text, options));
}

/** The same as {@link parseDump}, step by step. */
export function* parseInSteps(text: string, options: ParseOptions = {}): Steps<Dump> {
  const isLate = options.late === true;
  const isJson = text.trimStart().startsWith('{');
  const listing = isJson && isLate ? lateListing(text, options.name) : undefined;
  if (listing !== undefined) return listing;
  const reader = new DumpReader(options.name);
  if (text.trim() === '')
    reader.fail('nft printed nothing: it crashed, or there is no such table', CRASH);
  if (isJson) yield* readJsonDump(text, reader);
  else {
    for (const [i, line] of text.split('\n').entries()) {
      reader.number = i + 1;
      if (!isLate || !readLater(line, reader)) readCommand(line, reader);
    }
  }
  return reader.finish(isLate);
}

const CRASH =
  'nft before 1.1 crashes on sets that a newer nft made; use the nft that wrote them, such as the one of the kube-proxy image';

/**
 * The commands that make what a dump holds, in an order in which nft takes them: tables, chains,
 * sets, maps, elements, rules. What was kept as `json {…}` is in there too, and nft will not take
 * it.
 */
export function dumpLines(dump: Dump): readonly string[] {
  const tables = [...dump.tables.values()];
  const units = tables.flatMap((table) =>
    [...table.units.values()].map((unit) => ({ table: `${table.family} ${table.name}`, unit })),
  );
  const of = (kind: Declaration['kind']): typeof units =>
    units.filter(({ unit }) => unit.declaration.kind === kind);
  const [objects, chains, sets, maps] = [of('object'), of('chain'), of('set'), of('map')];
  return [
    ...tables.map(({ family, name, flags, comment }) =>
      tableLine(`${family} ${name}`, flags, comment),
    ),
    ...[...objects, ...chains, ...sets, ...maps].map(({ table, unit }) => unitLine(table, unit)),
    ...[...sets, ...maps, ...chains].flatMap(({ table, unit }) => contentLines(table, unit)),
  ];
}

/** The line that makes a unit of a table such as `ip kube-proxy`, with its comment. */
export function unitLine(table: string, { name, declaration, comment }: DumpUnit): string {
  return withComment(declarationLine(table, name, declaration), comment);
}

/** The rules of a chain in order, or the elements of a set or map. */
export function contentLines(
  table: string,
  { name, declaration, rules, elements }: DumpUnit,
): readonly string[] {
  return declaration.kind === 'chain'
    ? rules
    : elements.map((element) => elementLine(table, name, element));
}

/**
 * Whether both dumps hold the same tables with the same chains, sets and maps. The order of rules
 * in a chain means everything, any other order nothing, and comments of tables, chains and sets do
 * not count: not every version lists them.
 */
export function equalDumps(a: Dump, b: Dump): boolean {
  return equalMaps(
    a.tables,
    b.tables,
    (table, other) =>
      table.flags.join() === other.flags.join() && equalMaps(table.units, other.units, equalUnits),
  );
}

/** Whether two units are the same to the kernel, which does not order elements. */
function equalUnits(a: DumpUnit, b: DumpUnit): boolean {
  const made = ({ declaration }: DumpUnit): string => declarationLine('', '', declaration);
  if (made(a) !== made(b)) return false;
  const [lines, others] = [contentLines('', a), contentLines('', b)];
  if (a.declaration.kind === 'chain') return equalLists(lines, others);
  const texts = new Set(lines);
  return lines.length === others.length && others.every((line) => texts.has(line));
}
