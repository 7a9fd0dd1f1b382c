/**
 * Brings a Ruleset and a dump of the kernel into the same form for the diff, unit by unit: the
 * table, its chains, its sets and maps. A unit begins with the line that makes it, so another
 * priority or type is a line that differs.
 */

import { ParseError } from '../../errors.js';
import type { ChainOrder, ChainState, Chains } from '../../plan/types.js';
import { type UnitName, unitKey, unitLabel } from '../../plan/unit.js';
import { type Fragment, fragmentsOf, type Ruleset } from '../../ruleset/types.js';
import { finish, type Steps } from '../../steps.js';
import { type ElementOrigins, elementOrigins, originOfElement, originOfName } from './origin.js';
import { tableDeclaration, tableName } from './ownership.js';
import { headOf, isDeclaration, unitOf } from './syntax/line-text.js';
import { contentLines, type Dump, type DumpUnit, unitLine } from './syntax/parse.js';
import { tableLine, typeOf } from './syntax/units.js';

/** Rules have their order; elements have none. */
function orderOf({ kind }: UnitName): ChainOrder {
  return kind === 'set' ? 'shared' : 'ordered';
}

/** All units of a Ruleset, the table first. */
export function rulesetChains(ruleset: Ruleset): Chains {
  return finish(rulesetChainsInSteps(ruleset));
}

/** The same as {@link rulesetChains}, step by step. */
export function* rulesetChainsInSteps(ruleset: Ruleset): Steps<Chains> {
  const builder = new ChainBuilder(tableName(ruleset.family));
  builder.table(tableDeclaration(ruleset.family));
  for (const fragment of fragmentsOf(ruleset)) {
    builder.fragment(fragment);
    yield;
  }
  return yield* builder.endInSteps();
}

/**
 * The units of some fragments of Service ports. Chains and sets that these make are whole; sets and
 * maps of every node hold the elements of these fragments alone, and no line that makes them.
 */
export function fragmentChains(ruleset: Ruleset, fragments: readonly Fragment[]): Chains {
  const builder = new ChainBuilder(tableName(ruleset.family));
  for (const fragment of fragments) builder.fragment(fragment);
  return finish(builder.endInSteps());
}

interface OpenUnit extends UnitName {
  origin: string;
  declaration: string;
  readonly rules: string[];
  /** Line by line with its origin; several Services may need the same element. */
  readonly elements: Map<string, string>;
}

class ChainBuilder {
  /** By label. */
  readonly #units = new Map<string, OpenUnit>();
  readonly #table: string;

  constructor(table: string) {
    this.#table = table;
  }

  table(declaration: string): void {
    this.#open({ kind: 'table', name: '' }).declaration = declaration;
  }

  fragment({ origin, text }: Fragment): void {
    for (const line of text.split('\n')) {
      const head = headOf(line);
      if (head === undefined) continue;
      const { kind } = head;
      const unit = this.#open(unitOf(head));
      if (kind === 'rule') unit.rules.push(line);
      else if (kind !== 'element') {
        unit.declaration = line;
        unit.origin = origin;
      } else if (!unit.elements.has(line)) unit.elements.set(line, origin);
    }
  }

  /** The units in the order in which they were first named. */
  *endInSteps(): Steps<Chains> {
    const chains = new Map<string, ChainState>();
    const table = this.#table;
    for (const unit of this.#units.values()) {
      yield;
      const { kind, name, origin, declaration, rules, elements } = unit;
      const order = orderOf(unit);
      const made = declaration === '' ? [] : [declaration];
      const shared = order === 'shared';
      chains.set(unitKey({ table, kind, name }), {
        table,
        kind,
        name,
        order,
        origin,
        lines: [...made, ...(shared ? elements.keys() : rules)],
        ...(shared ? { origins: [...made.map(() => origin), ...elements.values()] } : {}),
        tail: 0,
      });
    }
    return chains;
  }

  #open(named: UnitName): OpenUnit {
    const label = unitLabel(named);
    const known = this.#units.get(label);
    if (known !== undefined) return known;
    const { kind, name } = named;
    const unit = { kind, name, origin: '', declaration: '', rules: [], elements: new Map() };
    this.#units.set(label, unit);
    return unit;
  }
}

/**
 * The units of one of our tables in a dump; none where the table is not there.
 *
 * Throws {@link ParseError} where nft could not list all of the table.
 */
export function dumpChains(dump: Dump, name: string): Chains {
  return finish(dumpChainsInSteps(dump, name));
}

/** The same as {@link dumpChains}, step by step. */
export function* dumpChainsInSteps(dump: Dump, name: string): Steps<Chains> {
  if (dump.unreadable.includes(name))
    throw new ParseError(`table ${name} holds rules that only iptables can read`, 0, {
      hint: `if no program needs them, take the table away: nft delete table ${name}`,
    });
  const table = dump.tables.get(name);
  if (table === undefined) return new Map();
  const origins = elementOrigins(table);
  const made: ChainState = {
    table: name,
    kind: 'table',
    name: '',
    order: 'ordered',
    origin: '',
    lines: [tableLine(name, table.flags, table.comment)],
    tail: 0,
  };
  const chains = new Map([[unitKey(made), made]]);
  for (const unit of table.units.values()) {
    yield;
    const state = chainOfUnit(name, unit, origins);
    chains.set(unitKey(state), state);
  }
  return chains;
}

function chainOfUnit(table: string, unit: DumpUnit, origins: ElementOrigins): ChainState {
  const named = unitOfDump(unit);
  const origin = originOfName(unit.name);
  const lines = [unitLine(table, unit), ...contentLines(table, unit)];
  const state = { table, ...named, origin, lines, tail: 0 };
  if (orderOf(named) === 'ordered') return { ...state, order: 'ordered' };
  const own = unit.elements.map((element) => origin || originOfElement(element, origins));
  return { ...state, order: 'shared', origins: [origin, ...own] };
}

function unitOfDump({ name, declaration }: DumpUnit): UnitName {
  return unitOf({ kind: declaration.kind, type: typeOf(declaration), name });
}

/**
 * Whether a unit is made by its first line: otherwise it is a part of one that is made elsewhere.
 */
export function isWhole({ lines: [first = ''] }: ChainState): boolean {
  return first !== '' && isDeclaration(first);
}
