/**
 * Prints a Ruleset as one script for `nft -f`: chains, sets and maps before what refers to them,
 * Services in order.
 */

import { type Fragment, fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import type { PrintOptions } from '../backend.js';
import { tableDeclaration, tableName } from './ownership.js';

/** Kinds of commands in the order in which they must stand. */
const KINDS = ['chain', 'set', 'map', 'element', 'rule'] as const;

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
  const parts = fragmentsOf({ ...ruleset, frame }).map(commandsByKind);
  return [
    `add table ${table}\n`,
    `delete table ${table}\n`,
    `${tableDeclaration(ruleset.family)}\n`,
    ...KINDS.flatMap((kind) => parts.map((part) => part.get(kind) ?? '')),
  ].join('');
}

function commandsByKind(fragment: Fragment): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of fragment.text.split('\n')) {
    const kind = line.split(' ', 2)[1];
    if (kind !== undefined) found.set(kind, `${found.get(kind) ?? ''}${line}\n`);
  }
  return found;
}

function withoutJumps(text: string): string {
  const base = new Set(
    [...text.matchAll(/^add chain ip6? kube-proxy (\S+) \{ type /gm)].map(([, name]) => name),
  );
  return text
    .split('\n')
    .filter((line) => !base.has(/^add rule ip6? kube-proxy (\S+)/.exec(line)?.[1]))
    .join('\n');
}
