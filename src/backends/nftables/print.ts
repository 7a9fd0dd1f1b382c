/**
 * Prints a Ruleset as one script for `nft -f`: counters, chains, sets and maps before what refers
 * to them, Services in order.
 */

import { append } from '../../ruleset/compare.js';
import { fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import type { PrintOptions } from '../backend.js';
import { tableDeclaration, tableName } from './ownership.js';
import { headOf } from './syntax/line-text.js';
import { makesBaseChain } from './syntax/script-dump.js';

/** Kinds of commands in the order in which they must stand. */
const KINDS = ['counter', 'chain', 'set', 'map', 'element', 'rule'] as const;

/**
 * The script. It replaces the table as a whole, in one transaction, so it may be loaded over an
 * older one or twice. Without `jumps` the rules of base chains are left out: then no packet gets to
 * the rest.
 */
export function print(ruleset: Ruleset, options: PrintOptions = {}): string {
  const table = tableName(ruleset.family);
  const frame =
    options.jumps === false
      ? { ...ruleset.frame, text: withoutJumps(ruleset.frame.text) }
      : ruleset.frame;
  // One list for each kind: a map for each fragment takes as long as all else here.
  const commands = new Map<string, string[]>(KINDS.map((kind) => [kind, []]));
  for (const { text } of fragmentsOf({ ...ruleset, frame })) addCommands(commands, text);
  const pieces = [
    `add table ${table}\n`,
    `delete table ${table}\n`,
    `${tableDeclaration(ruleset.family)}\n`,
  ];
  for (const list of commands.values()) append(pieces, list);
  return pieces.join('');
}

/** Adds the commands of a fragment to those of their kind; some that stand together as one text. */
function addCommands(commands: ReadonlyMap<string, string[]>, text: string): void {
  let kind = '';
  let start = 0;
  const take = (end: number): void => {
    const some = text.slice(start, end);
    commands.get(kind)?.push(some.endsWith('\n') ? some : `${some}\n`);
  };
  for (let at = 0; at < text.length; at = nextLine(text, at)) {
    if (kind !== '' && text.startsWith(`add ${kind} `, at)) continue;
    const own = kindAt(text, at);
    if (own === kind) continue;
    if (at > start) take(at);
    kind = own;
    start = at;
  }
  if (start < text.length) take(text.length);
}

/** `element` of `add element …`; `''` for a line of one word or none. */
function kindAt(text: string, at: number): string {
  const end = nextLine(text, at);
  const first = text.indexOf(' ', at) + 1;
  if (first === 0 || first >= end) return '';
  const second = text.indexOf(' ', first);
  return text.slice(first, second < 0 || second >= end ? end : second).trimEnd();
}

/** Where the next line begins. */
function nextLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline + 1;
}

function withoutJumps(text: string): string {
  const lines = text.split('\n').map((line) => ({ line, head: headOf(line) }));
  const base = new Set(
    lines.filter(({ line }) => makesBaseChain(line)).map(({ head }) => head?.name),
  );
  return lines
    .filter(({ head }) => head?.kind !== 'rule' || !base.has(head.name))
    .map(({ line }) => line)
    .join('\n');
}
