/**
 * Prints a Ruleset as one document for iptables-restore: table by table, chains before rules,
 * Services in order.
 */

import { type Fragment, fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import type { PrintOptions } from '../backend.js';

/** The order in which tables are committed. */
const TABLES = ['mangle', 'filter', 'nat'] as const;

/** The lines of one table in a fragment. */
interface Section {
  readonly chains: string;
  readonly rules: string;
}

const EMPTY: Section = { chains: '', rules: '' };

/** The document; without `jumps` the rules in built-in chains are left out. */
export function print(ruleset: Ruleset, options: PrintOptions = {}): string {
  const fragments = fragmentsOf(ruleset).map(sections);
  return TABLES.map((table) => {
    const parts = fragments.map((fragment) => fragment.get(table) ?? EMPTY);
    const rules = parts.map((part) => part.rules).join('');
    return [
      `*${table}\n`,
      ...parts.map((part) => part.chains),
      options.jumps === false ? withoutJumps(rules) : rules,
      'COMMIT\n',
    ].join('');
  }).join('');
}

/** Splits a fragment's text at its `*table` lines. A table may occur more than once. */
function sections(fragment: Fragment): ReadonlyMap<string, Section> {
  const found = new Map<string, Section>();
  for (const block of `\n${fragment.text}`.split('\n*').slice(1)) {
    const lineEnd = block.indexOf('\n');
    const table = block.slice(0, lineEnd);
    const body = block.slice(lineEnd + 1);
    const { chains, rules } = section(body.endsWith('\n') || body === '' ? body : `${body}\n`);
    const before = found.get(table) ?? EMPTY;
    found.set(table, { chains: before.chains + chains, rules: before.rules + rules });
  }
  return found;
}

/** Declarations stand before the first rule in our own templates; a user's may mix them. */
function section(body: string): Section {
  const firstRule = body.startsWith('-A') ? 0 : body.indexOf('\n-A') + 1;
  const chains = firstRule === 0 && !body.startsWith('-A') ? body : body.slice(0, firstRule);
  const rules = body.slice(chains.length);
  if (!rules.includes('\n:')) return { chains, rules };
  const lines = rules.split(/(?<=\n)/);
  return {
    chains: chains + lines.filter((line) => line.startsWith(':')).join(''),
    rules: lines.filter((line) => !line.startsWith(':')).join(''),
  };
}

function withoutJumps(rules: string): string {
  return rules.replace(/^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .*\n/gm, '');
}
