/**
 * Prints a Ruleset as one document for iptables-restore: table by table, chains before rules,
 * Services in order.
 */

import { getOrInsert } from '../../grouping.js';
import { append } from '../../ruleset/compare.js';
import { fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import type { PrintOptions } from '../backend.js';

/** The order in which tables are committed. */
const TABLES = ['mangle', 'filter', 'nat'] as const;

/** The lines of one table, piece by piece. */
interface Section {
  readonly chains: string[];
  readonly rules: string[];
}

/** The document; without `jumps` the rules in built-in chains are left out. */
export function print(ruleset: Ruleset, options: PrintOptions = {}): string {
  const sections = new Map<string, Section>();
  for (const { text } of fragmentsOf(ruleset)) addTables(sections, text);
  const pieces: string[] = [];
  for (const table of TABLES) {
    const { chains, rules } = sections.get(table) ?? { chains: [], rules: [] };
    pieces.push(`*${table}\n`);
    append(pieces, chains);
    append(pieces, options.jumps === false ? rules.map(withoutJumps) : rules);
    pieces.push('COMMIT\n');
  }
  // One join: every other one would copy the text of all Services once more.
  return pieces.join('');
}

/** Adds what follows each `*table` line of a fragment. A table may occur more than once. */
function addTables(sections: Map<string, Section>, text: string): void {
  let at = text.startsWith('*') ? 0 : text.indexOf('\n*') + 1;
  while (text[at] === '*') {
    const line = text.indexOf('\n', at);
    if (line < 0) return;
    const next = text.indexOf('\n*', line);
    const body = text.slice(line + 1, next < 0 ? text.length : next + 1);
    const section = getOrInsert(sections, text.slice(at + 1, line), emptySection);
    if (body !== '') addLines(section, body.endsWith('\n') ? body : `${body}\n`);
    if (next < 0) return;
    at = next + 1;
  }
}

function emptySection(): Section {
  return { chains: [], rules: [] };
}

/** Declarations stand before the first rule in our own templates; a user's may mix them. */
function addLines({ chains, rules }: Section, body: string): void {
  const firstRule = body.startsWith('-A') ? 0 : body.indexOf('\n-A') + 1;
  const end = firstRule === 0 && !body.startsWith('-A') ? body.length : firstRule;
  if (end > 0) chains.push(body.slice(0, end));
  if (end === body.length) return;
  const rest = body.slice(end);
  if (!rest.includes('\n:')) {
    rules.push(rest);
    return;
  }
  for (const line of rest.split(/(?<=\n)/)) (line.startsWith(':') ? chains : rules).push(line);
}

function withoutJumps(rules: string): string {
  return rules.replace(/^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .*\n/gm, '');
}
