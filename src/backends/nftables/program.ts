/** A listing of nft as a program: chains with the meaning of their rules, and sets. */

import { getOrInsert } from '../../grouping.js';
import { type ChainReader, LazyChain } from '../../netfilter/lazy-chains.js';
import {
  type BaseChain,
  type Chain,
  type Hook,
  lazy,
  type MapValue,
  type NamedSet,
  type Program,
  programOfTables,
  type TableChains,
} from '../../netfilter/program.js';
import type { KeyField } from '../../netfilter/rule.js';
import { mapValueOf, meaningOf } from './meaning.js';
import { originOfName } from './origin.js';
import { isOwned } from './ownership.js';
import type { Dump, DumpTable } from './syntax/dump-reader.js';
import { keyAlone } from './syntax/line-text.js';
import type { DumpUnit, SetDeclaration } from './syntax/units.js';

/**
 * The rules of all tables of a dump that could be read, foreign ones included. Lines are read when
 * their chain is asked for them.
 */
export function programOfDump(dump: Dump): Program {
  const tables = new Map<string, TableChains>();
  const bases: Chain[] = [];
  const sets: NamedSet[] = [];
  for (const table of dump.tables.values()) {
    if (table.flags.includes('dormant')) continue;
    const name = `${table.family} ${table.name}`;
    const chains = new UnitChains(name, table.units);
    if (chains.size > 0) tables.set(name, chains);
    for (const unit of table.units.values()) {
      const { declaration } = unit;
      if (baseOf(unit) !== undefined) bases.push(chains.chainOf(unit));
      else if (declaration.kind === 'set' || declaration.kind === 'map')
        sets.push(setOf(name, unit, declaration));
    }
  }
  return programOfTables(tables, bases, sets, dump.unreadable);
}

/** The chains of a table, which are made on first use: a question meets few of many. */
class UnitChains implements TableChains {
  readonly size: number;
  private readonly units: DumpTable['units'];
  private readonly reader: ChainReader<DumpUnit>;
  private readonly made = new Map<DumpUnit, Chain>();

  constructor(table: string, units: DumpTable['units']) {
    this.units = units;
    this.reader = {
      table,
      linesOf: ({ rules }) => rules,
      ruleOf: meaningOf,
      originOf: originOfName,
    };
    let size = 0;
    for (const { declaration } of units.values()) if (declaration.kind === 'chain') size++;
    this.size = size;
  }

  get(name: string): Chain | undefined {
    const unit = this.units.get(`chain ${name}`);
    return unit && this.chainOf(unit);
  }

  *values(): Iterable<Chain> {
    for (const unit of this.units.values())
      if (unit.declaration.kind === 'chain') yield this.chainOf(unit);
  }

  /** The chain that a unit is. */
  chainOf(unit: DumpUnit): Chain {
    return getOrInsert(
      this.made,
      unit,
      () => new LazyChain(unit.name, baseOf(unit), unit, this.reader),
    );
  }
}

function baseOf({ declaration }: DumpUnit): BaseChain | undefined {
  if (declaration.kind !== 'chain' || declaration.hook === undefined) return undefined;
  const { type, hook, priority, policy } = declaration.hook;
  return { hook: hook as Hook, priority, type, policy: policy === 'drop' ? 'drop' : 'accept' };
}

function setOf(table: string, unit: DumpUnit, declaration: SetDeclaration): NamedSet {
  const { name } = unit;
  const isMap = declaration.kind === 'map';
  const leadsTo = (value: string): MapValue | undefined => (isMap ? mapValueOf(value) : undefined);
  const read = lazy(() => {
    const found = new Map<string, MapValue | undefined>();
    for (const { key, value } of unit.elements) found.set(keyAlone(key), leadsTo(value));
    return found;
  });
  return {
    ...{ table, name, timeout: declaration.timeout, changes: changes(table, declaration) },
    get elements() {
      return read();
    },
    near: (address, key) => {
      const isOfTypes = key.map((field) => KEY_TYPES[field]).join() === declaration.types.join();
      const elements = isOfTypes ? unit.near?.(address) : undefined;
      return elements?.map(({ key: text, value, position }) => ({
        ...{ text: keyAlone(text), value: leadsTo(value), position },
      }));
    },
  };
}

/** Types of keys that are looked up by a field. */
const KEY_TYPES: Readonly<Partial<Record<KeyField, string>>> = {
  ...{ saddr: 'ipv4_addr', daddr: 'ipv4_addr', protocol: 'inet_proto' },
  ...{ sport: 'inet_service', dport: 'inet_service' },
};

/** Dynamic elements are not all listed. Those of our own sets depend on the client. */
function changes(table: string, { flags, timeout }: SetDeclaration): boolean {
  return !isOwned(table) && (timeout > 0 || flags.includes('dynamic') || flags.includes('timeout'));
}
