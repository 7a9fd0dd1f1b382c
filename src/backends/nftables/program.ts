/** A listing of nft as a program: chains with the meaning of their rules, and sets. */

import { type ChainReader, LazyChain } from '../../netfilter/lazy-chains.js';
import {
  type BaseChain,
  type Chain,
  type Hook,
  lazy,
  type MapValue,
  type NamedSet,
  type Program,
  programOf,
} from '../../netfilter/program.js';
import { mapValueOf, meaningOf } from './meaning.js';
import { originOfName } from './origin.js';
import { isOwned } from './ownership.js';
import type { Dump, DumpTable } from './syntax/dump-reader.js';
import { uncounted } from './syntax/line-text.js';
import type { ChainDeclaration, DumpUnit, SetDeclaration } from './syntax/units.js';

/**
 * The rules of all tables of a dump that could be read, foreign ones included. Lines are read when
 * their chain is asked for them.
 */
export function programOfDump(dump: Dump): Program {
  const chains: Chain[] = [];
  const sets: NamedSet[] = [];
  for (const table of dump.tables.values()) {
    if (table.flags.includes('dormant')) continue;
    const reader = readerOf(tableKey(table));
    for (const unit of table.units.values()) {
      const { kind } = unit.declaration;
      if (kind === 'chain')
        chains.push(new LazyChain(unit.name, baseOf(unit.declaration), unit, reader));
      else if (kind !== 'object') sets.push(setOf(reader.table, unit, unit.declaration));
    }
  }
  return programOf(chains, sets, dump.unreadable);
}

function tableKey({ family, name }: DumpTable): string {
  return `${family} ${name}`;
}

function readerOf(table: string): ChainReader<DumpUnit> {
  return { table, linesOf: ({ rules }) => rules, ruleOf: meaningOf, originOf: originOfName };
}

function baseOf({ hook: base }: ChainDeclaration): BaseChain | undefined {
  if (base === undefined) return undefined;
  const { type, hook, priority, policy } = base;
  return { hook: hook as Hook, priority, type, policy: policy === 'drop' ? 'drop' : 'accept' };
}

function setOf(table: string, unit: DumpUnit, declaration: SetDeclaration): NamedSet {
  const { name } = unit;
  const isMap = declaration.kind === 'map';
  const read = lazy(() => {
    const found = new Map<string, MapValue | undefined>();
    for (const { key, value } of unit.elements)
      found.set(uncounted(key), isMap ? mapValueOf(value) : undefined);
    return found;
  });
  return {
    ...{ table, name, timeout: declaration.timeout, changes: changes(table, declaration) },
    get elements() {
      return read();
    },
  };
}

/** Dynamic elements are not all listed. Those of our own sets depend on the client. */
function changes(table: string, { flags, timeout }: SetDeclaration): boolean {
  return !isOwned(table) && (timeout > 0 || flags.includes('dynamic') || flags.includes('timeout'));
}
