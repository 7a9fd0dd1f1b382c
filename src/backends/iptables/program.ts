/** A dump of iptables-save as a program: every chain with what its rules mean. */

import { ParseError } from '../../errors.js';
import { familyOf, type Ip, parseIp } from '../../net/ip.js';
import { type ChainReader, LazyChain, MadeChains } from '../../netfilter/lazy-chains.js';
import {
  type BaseChain,
  type Chain,
  type Hook,
  lazy,
  type Program,
  programOfTables,
  type TableChains,
} from '../../netfilter/program.js';
import type { Rule, Statement } from '../../netfilter/rule.js';
import { cachedStatements } from './meaning.js';
import { chainOrigins, mayBeOfOne } from './origin.js';
import { isForServices, NOTHING_REMEMBERED, ownershipOf } from './ownership.js';
import { commentOf, plainDestinationOf } from './syntax/line-text.js';
import type { Dump, DumpChain } from './syntax/parse.js';
import { passingRules } from './syntax/text-chains.js';

/** The built-in chains and their hooks. */
const HOOKS: ReadonlyMap<string, Hook> = new Map([
  ['PREROUTING', 'prerouting'],
  ['INPUT', 'input'],
  ['FORWARD', 'forward'],
  ['OUTPUT', 'output'],
  ['POSTROUTING', 'postrouting'],
]);

/** Where a table stands among the others of a hook (linux/netfilter_ipv4.h). */
const PRIORITIES: ReadonlyMap<string, number> = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['filter', 0],
  ['security', 50],
]);

/**
 * The rules of all tables of a dump, foreign ones included. Lines are read when their chain is
 * asked for them: a packet meets few of the chains of a large dump.
 */
export function programOfDump(dump: Dump): Program {
  const ownership = ownershipOf(new Map(), NOTHING_REMEMBERED);
  const ruleOf = ruleReader();
  const tables = new Map<string, TableChains>();
  for (const [table, tableChains] of dump.tables) {
    const origins = lazy(() => chainOrigins(table, tableChains, ownership));
    const reader: ChainReader<DumpChain> = {
      ...{ table, ruleOf, linesOf: passingRules },
      // To find one origin takes those of all chains: a shared one has none anyway.
      originOf: (name) =>
        mayBeOfOne(ownership.roleOf(table, name)) ? (origins().get(name) ?? '') : '',
      isForServices: (name) => isForServices(table, name, ''),
    };
    const make = (name: string, chain: DumpChain): Chain =>
      new LazyChain(name, baseOf(table, name, chain), chain, reader);
    tables.set(table, new MadeChains(tableChains, make));
  }
  const bases = [...tables.values()].flatMap((chains) =>
    [...HOOKS.keys()].flatMap((name) => chains.get(name) ?? []),
  );
  return programOfTables(tables, bases, []);
}

function baseOf(table: string, name: string, { policy }: DumpChain): BaseChain | undefined {
  const hook = HOOKS.get(name);
  if (hook === undefined || policy === '-') return undefined;
  return {
    hook,
    priority: priorityOf(table, hook),
    type: table === 'nat' ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter',
    policy: policy === 'DROP' ? 'drop' : 'accept',
  };
}

/** nat translates destinations before routing (-100) and sources after it (100). */
function priorityOf(table: string, hook: Hook): number {
  if (table !== 'nat') return PRIORITIES.get(table) ?? 0;
  return hook === 'prerouting' || hook === 'output' ? -100 : 100;
}

/**
 * Gives the meaning of lines. One that cannot be read may match anything and do anything.
 */
function ruleReader(): (line: string) => Rule {
  const statementsOf = cachedStatements();
  return (line) => new LineRule(line, statementsOf);
}

/** A rule that is read each time that it is asked for: a large chain has thousands. */
class LineRule implements Rule {
  readonly line: string;
  private readonly statementsOf: StatementsOf;

  constructor(line: string, statementsOf: StatementsOf) {
    this.line = line;
    this.statementsOf = statementsOf;
  }

  get statements(): readonly Statement[] {
    return readable(this.line, this.statementsOf);
  }

  get comment(): string {
    return commentOf(this.line);
  }

  misses(address: Ip): boolean {
    if (this.line.includes(address)) return false;
    const other = parseIp(plainDestinationOf(this.line));
    return other !== undefined && other !== address && familyOf(other) === familyOf(address);
  }
}

type StatementsOf = (line: string) => readonly Statement[];

function readable(line: string, statementsOf: StatementsOf): readonly Statement[] {
  try {
    return statementsOf(line);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return [
      { kind: 'unknown-condition', text: line },
      { kind: 'unknown-action', text: line },
    ];
  }
}
