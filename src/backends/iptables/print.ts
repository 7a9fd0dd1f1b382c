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
  const rulesOf =
    options.jumps === false
      ? ({ rules }: Section) => withoutJumps(rules)
      : ({ rules }: Section) => rules;
  // One join: every other one would copy the text of all Services once more.
  return TABLES.flatMap((table) => {
    const parts = fragments.map((fragment) => fragment.get(table) ?? EMPTY);
    return [`*${table}\n`, ...parts.map(({ chains }) => chains), ...parts.map(rulesOf), 'COMMIT\n'];
  }).join('');
}

/** Splits a fragment's text at its `*table` lines. A table may occur more than once. */
function sections({ text }: Fragment): ReadonlyMap<string, Section> {
  const found = new Map<string, Section>();
  const [first = '', ...blocks] = text.split('\n*');
  if (first.startsWith('*')) blocks.unshift(first.slice(1));
  for (const block of blocks) {
    const [table = ''] = block.split('\n', 1);
    const body = block.slice(table.length + 1);
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
