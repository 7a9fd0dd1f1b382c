/**
 * What a dump is, and its state while it is being read: tables with their chains, sets and maps.
 */

import { ParseError } from '../../../errors.js';
import { getOrInsert } from '../../../grouping.js';
import { type LateElements, type Line, OpenUnit } from './open-unit.js';
import { type DumpUnit, type Element, type SetDeclaration, typeOf } from './units.js';

/** One table with its chains, sets, maps and counters. */
export interface DumpTable {
  /** `ip`, `ip6`, `inet`, `arp`, `bridge` or `netdev`. */
  readonly family: string;
  readonly name: string;
  /** `''`: none, or not listed. */
  readonly comment: string;
  /** `dormant`: nothing in the table does anything. Sorted. */
  readonly flags: readonly string[];
  /**
   * By `chain NAME`, `set NAME`, `map NAME`, `counter NAME`: a chain and a set may have the same
   * name.
   */
  readonly units: ReadonlyMap<string, DumpUnit>;
}

/** Tables by `ip NAME` and `ip6 NAME`, foreign ones included. */
export interface Dump {
  readonly tables: ReadonlyMap<string, DumpTable>;
  /**
   * Keys of tables that iptables-nft made: nft lists their rules without their arguments, so they
   * are not read.
   */
  readonly unreadable: readonly string[];
  /** Version of the nft that printed it; absent for a script. */
  readonly version?: string;
  /** Keys of rules in JSON that no version has that is known; absent where there are none. */
  readonly unknownKeys?: readonly string[];
  /** The same inside of statements, and of other objects: what these mean is not known. */
  readonly unreadKeys?: readonly string[];
}

interface OpenTable {
  readonly family: string;
  readonly name: string;
  comment: string;
  flags: readonly string[];
  readonly units: Map<string, OpenUnit>;
}

function closed(units: ReadonlyMap<string, OpenUnit>): ReadonlyMap<string, DumpUnit> {
  const found = new Map<string, DumpUnit>();
  units.forEach((unit, name) => {
    found.set(name, unit.close());
  });
  return found;
}

/** Takes the contents of one text, in order. */
export class DumpReader {
  private readonly tables = new Map<string, OpenTable>();
  private readonly unreadable = new Set<string>();
  private readonly unknownKeys = new Set<string>();
  private readonly unreadKeys = new Set<string>();
  private readonly where: string;
  private last: OpenTable | undefined;
  /** Line of the text, from 1; 0 where lines mean nothing. */
  number = 0;
  version: string | undefined;

  constructor(name: string | undefined) {
    this.where = name === undefined ? '' : ` (in ${name})`;
  }

  /** Throws {@link ParseError} with the place. */
  fail(message: string, hint?: string): never {
    const options = hint === undefined ? {} : { hint };
    throw new ParseError(`${message}${this.where}`, this.number, options);
  }

  /** Notes a table, new or known. */
  addTable(
    family: string,
    name: string,
    { comment, flags }: Pick<DumpTable, 'comment' | 'flags'>,
  ): void {
    const table = this.table(family, name);
    table.comment ||= comment;
    table.flags = [...new Set([...table.flags, ...flags])].sort();
  }

  removeTable(family: string, name: string): void {
    this.last = undefined;
    this.tables.delete(`${family} ${name}`);
  }

  /** Drops all that was read. */
  removeAll(): void {
    this.last = undefined;
    this.tables.clear();
  }

  /** Notes a unit. One that is known stays as it is, as with `add`. */
  addUnit(family: string, table: string, unit: Omit<DumpUnit, 'rules' | 'elements'>): void {
    const { units } = this.table(family, table);
    const key = `${typeOf(unit.declaration)} ${unit.name}`;
    const known = units.get(key);
    if (known === undefined) units.set(key, new OpenUnit(unit));
    else known.comment ||= unit.comment;
  }

  removeUnit(family: string, table: string, type: string, name: string): void {
    this.table(family, table).units.delete(`${type} ${name}`);
  }

  /** Takes the rules or elements out of a unit. */
  flush(family: string, table: string, type: string, name: string): void {
    this.unit(family, table, type, name).flush();
  }

  addRule(family: string, table: string, chain: string, line: Line, first = false): void {
    this.unit(family, table, 'chain', chain).addRule(line, first);
  }

  /** Notes an element of a set or a map; one with the same key is replaced. */
  addElement(family: string, table: string, set: string, element: Element): void {
    this.setOrMap(family, table, set).addElement(element);
  }

  /** The same for elements that are read when somebody asks for them, which cannot fail. */
  addLater(family: string, table: string, set: string, elements: LateElements): void {
    this.setOrMap(family, table, set).addLater(elements);
  }

  removeElement(family: string, table: string, set: string, key: string): void {
    this.setOrMap(family, table, set).removeElement(key);
  }

  /** The types of the key of a set or a map. */
  keyTypes(family: string, table: string, set: string): SetDeclaration['types'] {
    const { declaration } = this.setOrMap(family, table, set);
    return declaration.kind === 'set' || declaration.kind === 'map' ? declaration.types : [];
  }

  /** Says that a table cannot be read. */
  addUnreadable(family: string, table: string): void {
    this.unreadable.add(`${family} ${table}`);
  }

  /** Notes a key of a rule that says something beside what the rule does. */
  addUnknownKey(key: string): void {
    this.unknownKeys.add(key);
  }

  /** Notes keys that may change what a rule, a chain, a set or an element means. */
  addUnreadKeys(keys: readonly string[]): void {
    for (const key of keys) this.unreadKeys.add(key);
  }

  /** All that was read. `late`: what the units hold is read when somebody asks for it. */
  finish(late: boolean): Dump {
    for (const key of this.unreadable) this.tables.delete(key);
    const tables = new Map<string, DumpTable>();
    for (const [key, table] of this.tables)
      tables.set(key, late ? table : { ...table, units: closed(table.units) });
    return {
      tables,
      unreadable: [...this.unreadable],
      ...(this.version === undefined ? {} : { version: this.version }),
      ...(this.unknownKeys.size === 0 ? {} : { unknownKeys: [...this.unknownKeys] }),
      ...(this.unreadKeys.size === 0 ? {} : { unreadKeys: [...this.unreadKeys] }),
    };
  }

  private table(family: string, name: string): OpenTable {
    // Most that is read is of the table that was named last.
    if (this.last?.family === family && this.last.name === name) return this.last;
    const key = `${family} ${name}`;
    const table = getOrInsert(
      this.tables,
      key,
      (): OpenTable => ({ family, name, comment: '', flags: [], units: new Map() }),
    );
    this.last = table;
    return table;
  }

  private unit(family: string, table: string, type: string, name: string): OpenUnit {
    return (
      this.table(family, table).units.get(`${type} ${name}`) ??
      this.fail(`table ${family} ${table} has no ${type} ${name}`)
    );
  }

  private setOrMap(family: string, table: string, name: string): OpenUnit {
    const { units } = this.table(family, table);
    return (
      units.get(`map ${name}`) ?? units.get(`set ${name}`) ?? this.unit(family, table, 'set', name)
    );
  }
}
