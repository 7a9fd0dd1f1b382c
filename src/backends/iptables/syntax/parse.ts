/**
 * Reads what iptables-save prints into chains of rule lines, of any version and variant, so that
 * a dump, a golden file and our own document compare line by line.
 */

import type { Family } from '../../../net/ip.js';
import { equalLists, equalMaps } from '../../../ruleset/compare.js';
import type { ParseOptions } from '../../backend.js';
import { type Lines, type LongText, linesOf } from '../../long-text.js';
import { documentFamilies } from './document-families.js';
import type { Dump } from './dump.js';
import { DumpReader } from './dump-reader.js';
import { RuleRuns } from './rule-runs.js';

export type { Counter, Dump, DumpChain } from './dump.js';

/**
 * The tables of an `iptables-save` dump, of a restore document of ours, or of `iptables -S` (with
 * `options.table`). A table that occurs twice is one table and a chain declared again starts again,
 * as iptables-restore has it; a built-in chain that gets rules again is an error, as it comes from
 * a second dump. Comment lines mean nothing, but for the two by which iptables-save says that it
 * left something out.
 *
 * A dump is bytes, not necessarily UTF-8 (comments may hold anything): decode it as latin1 to keep
 * every byte and give it back the same way, or as UTF-8 where only our own rules matter.
 *
 * Refuses with {@link ParseError}, naming the table, what is less than the kernel holds: a table
 * without COMMIT or reported as incompatible, and a dump by a tool that is older than the writer of
 * its rules. An unknown table is never an empty one. Nothing at all is an empty dump: iptables-save
 * prints nothing where nothing is loaded.
 */
export function parseDump(text: LongText, options: ParseOptions = {}): Dump {
  const runs = new RuleRuns(text);
  const reader = new DumpReader(options, { runs });
  const families = new Map(documentFamilies(text).map(({ start, family }) => [start, family]));
  for (const lines of linesOf(text)) {
    runs.goOn(lines);
    readLines(text, lines, reader, families);
  }
  return reader.finish();
}

function readLines(
  whole: LongText,
  { text, start }: Lines,
  reader: DumpReader,
  families: ReadonlyMap<number, Family>,
): void {
  for (let at = 0; at < text.length; ) {
    const behind = reader.run(at);
    if (behind > at) {
      at = behind;
      continue;
    }
    const feed = text.indexOf('\n', at);
    const end = feed < 0 ? text.length : feed;
    // A slice of the part would keep all of it.
    reader.line(whole.slice(start + at, start + end), families.get(start + at));
    at = end + 1;
  }
}

/**
 * Whether both dumps hold the same chains with the same policies and rules. The order of tables
 * and of chains means nothing, the order of rules in a chain everything; counters do not count.
 */
export function equalDumps(a: Dump, b: Dump): boolean {
  return equalMaps(a.tables, b.tables, (chains, others) =>
    equalMaps(
      chains,
      others,
      (chain, other) => chain.policy === other.policy && equalLists(chain.rules, other.rules),
    ),
  );
}
