/** Prints a Ruleset as one document for iptables-restore: table by table, chains before rules, Services in order. */

import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { PrintOptions } from '../backend.js';

/** The order in which tables are committed. */
const TABLES = ['mangle', 'filter', 'nat'] as const;

/** The lines of one table in a fragment: declarations, rules, and in the frame the rules that come after all Services. */
interface Section {
  readonly chains: string;
  readonly rules: string;
  readonly tail: string;
}

const EMPTY: Section = { chains: '', rules: '', tail: '' };

/** Where the frame leaves room for the fragments. */
const PORTS_MARK = '# Service ports\n';

/** The document; without `jumps` the rules in built-in chains are left out. */
export function print(ruleset: Ruleset, options: PrintOptions = {}): string {
  const frame = sections(ruleset.frame);
  const ports = ruleset.ports.map(sections);
  return TABLES.map((table) => {
    const own = frame.get(table) ?? EMPTY;
    const parts = ports.map((port) => port.get(table) ?? EMPTY);
    const rules = options.jumps === false ? withoutJumps(own.rules) : own.rules;
    return [
      `*${table}\n`,
      own.chains,
      ...parts.map((part) => part.chains),
      rules,
      ...parts.map((part) => part.rules),
      own.tail,
      'COMMIT\n',
    ].join('');
  }).join('');
}

/** Splits a fragment's text at its `*table` lines. */
function sections(fragment: Fragment): ReadonlyMap<string, Section> {
  const found = new Map<string, Section>();
  for (const block of `\n${fragment.text}`.split('\n*').slice(1)) {
    const lineEnd = block.indexOf('\n');
    const body = block.slice(lineEnd + 1);
    found.set(
      block.slice(0, lineEnd),
      section(body.endsWith('\n') || body === '' ? body : `${body}\n`),
    );
  }
  return found;
}

/** Declarations stand before the first rule. */
function section(body: string): Section {
  const firstRule = body.startsWith('-A') ? 0 : body.indexOf('\n-A') + 1;
  const chains = firstRule === 0 && !body.startsWith('-A') ? body : body.slice(0, firstRule);
  const rest = body.slice(chains.length);
  const mark = rest.indexOf(PORTS_MARK);
  if (mark < 0) return { chains, rules: rest, tail: '' };
  return { chains, rules: rest.slice(0, mark), tail: rest.slice(mark + PORTS_MARK.length) };
}

function withoutJumps(rules: string): string {
  return rules.replace(/^-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .*\n/gm, '');
}
