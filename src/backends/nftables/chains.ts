/**
 * Brings a Ruleset and a dump of the kernel into the same form for the diff, unit by unit: the table, its chains, its
 * sets and maps. A unit begins with the line that makes it, so another priority or type is a line that differs.
 */

import { ParseError } from '../../errors.js';
import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import { type Fragment, fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import { elementOrigins, originOfElement, originOfName } from './origin.js';
import { declaredKind, tableDeclaration, tableName } from './ownership.js';
import { withComment } from './syntax/declarations.js';
import type { DumpTable, DumpUnit } from './syntax/dump-reader.js';
import type { Dump } from './syntax/parse.js';

/** Rules have their order; elements have none. */
function orderOf(unit: string): ChainOrder {
  return unit.startsWith('@') ? 'shared' : 'ordered';
}

/** All units of a Ruleset. Sets and maps are named with `@`, as in rules; the table has no name. */
export function rulesetChains(ruleset: Ruleset): Chains {
  const builder = new ChainBuilder(tableName(ruleset.family));
  builder.table(tableDeclaration(ruleset.family));
  for (const fragment of fragmentsOf(ruleset)) builder.fragment(fragment);
  return builder.end();
}

/**
 * The units of some fragments of Service ports. Chains and sets that these make are whole; sets and maps of every node hold the
 * elements of these fragments alone, and no line that makes them.
 */
export function fragmentChains(ruleset: Ruleset, fragments: readonly Fragment[]): Chains {
  const builder = new ChainBuilder(tableName(ruleset.family));
  for (const fragment of fragments) builder.fragment(fragment);
  return builder.end();
}

interface OpenUnit {
  readonly chain: string;
  origin: string;
  declaration: string;
  readonly rules: string[];
  /** Line by line with its origin; several Services may need the same element. */
  readonly elements: Map<string, string>;
}

class ChainBuilder {
  readonly #units = new Map<string, OpenUnit>();
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  table(declaration: string): void {
    this.#open('').declaration = declaration;
  }

  fragment({ origin, text }: Fragment): void {
    for (const line of text.split('\n')) {
      if (!line.startsWith('add ')) continue;
      const [, kind = '', , , name = ''] = line.split(' ', 5);
      const unit = this.#open(kind === 'chain' || kind === 'rule' ? name : `@${name}`);
      if (kind === 'rule') unit.rules.push(line);
      else if (kind !== 'element') {
        unit.declaration = line;
        unit.origin = origin;
      } else if (!unit.elements.has(line)) unit.elements.set(line, origin);
    }
  }

  /** The units in the order in which they were first named. */
  end(): Chains {
    const chains = new Map<string, ChainState>();
    for (const unit of this.#units.values()) {
      const { chain, origin, declaration, rules, elements } = unit;
      const order = orderOf(chain);
      const made = declaration === '' ? [] : [declaration];
      const shared = order === 'shared';
      chains.set(`${this.#table} ${chain}`, {
        table: this.#table,
        chain,
        order,
        origin,
        lines: [...made, ...(shared ? elements.keys() : rules)],
        ...(shared ? { origins: [...made.map(() => origin), ...elements.values()] } : {}),
        tail: 0,
      });
    }
    return chains;
  }

  #open(chain: string): OpenUnit {
    const known = this.#units.get(chain);
    if (known !== undefined) return known;
    const unit = { chain, origin: '', declaration: '', rules: [], elements: new Map() };
    this.#units.set(chain, unit);
    return unit;
  }
}

/**
 * The units of one of our tables in a dump; none where the table is not there. Objects that are neither chain, set nor
 * map do nothing to a packet, and are left alone.
 *
 * Throws {@link ParseError} where nft could not tell all of the table.
 */
export function dumpChains(dump: Dump, name: string): Chains {
  if (dump.unreadable.includes(name))
    throw new ParseError(`table ${name} holds rules that only iptables can read`, 0, {
      hint: `if no program needs them, take the table away: nft delete table ${name}`,
    });
  const table = dump.tables.get(name);
  if (table === undefined) return new Map();
  const origins = elementOrigins(table);
  const states = [...table.units.values()].flatMap((unit): readonly ChainState[] => {
    if (unit.kind === 'other') return [];
    const chain = unit.kind === 'chain' ? unit.name : `@${unit.name}`;
    const lines = [withComment(unit.declaration, unit.comment), ...unit.lines];
    const state = { table: name, chain, origin: originOfName(chain), lines, tail: 0 };
    return [
      unit.kind === 'chain'
        ? { ...state, order: 'ordered' }
        : { ...state, order: 'shared', origins: unitOrigins(unit, state.origin) },
    ];
  });
  function unitOrigins({ lines }: DumpUnit, own: string): readonly string[] {
    return [own, ...lines.map((line) => own || originOfElement(line, origins))];
  }
  return new Map(
    [tableState(table, name), ...states].map((state) => [`${name} ${state.chain}`, state]),
  );
}

function tableState({ comment, flags }: DumpTable, table: string): ChainState {
  const block = flags.length === 0 ? '' : ` { flags ${flags.join(',')} ; }`;
  const line = withComment(`add table ${table}${block}`, comment);
  return { table, chain: '', order: 'ordered', origin: '', lines: [line], tail: 0 };
}

/** Whether a unit is made by its first line: otherwise it is a part of one that is made elsewhere. */
export function isWhole({ lines: [first = ''] }: ChainState): boolean {
  return declaredKind(first) !== '';
}
