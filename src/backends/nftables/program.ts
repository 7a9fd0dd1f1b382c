/** A listing of nft as a program: chains with the meaning of their rules, and sets. */

import { type ChainReader, LazyChain } from '../../netfilter/lazy-chains.js';
import {
  type BaseChain,
  type Chain,
  type Hook,
  lazy,
  type NamedSet,
  type Program,
  programOf,
} from '../../netfilter/program.js';
import { mapValueOf, meaningOf } from './meaning.js';
import { originOfName } from './origin.js';
import { isOwned } from './ownership.js';
import type { Dump, DumpTable } from './syntax/dump-reader.js';
import { uncounted } from './syntax/line-text.js';
import type { Declaration, DumpUnit, SetDeclaration } from './syntax/units.js';

/**
 * The rules of all tables of a dump that could be read, foreign ones included. Lines are read when
 * their chain is asked for them.
 */
export function programOfDump(dump: Dump): Program {
  const tables = [...dump.tables.values()].filter(({ flags }) => !flags.includes('dormant'));
  const units = tables.flatMap((table) => {
    const reader = readerOf(tableKey(table));
    return [...table.units.values()].map((unit) => ({ reader, unit }));
  });
  return programOf(
    units.flatMap(({ reader, unit }) => chainOf(reader, unit) ?? []),
    units.flatMap(({ reader, unit }) => setOf(reader.table, unit)),
    dump.unreadable,
  );
}

function tableKey({ family, name }: DumpTable): string {
  return `${family} ${name}`;
}

function readerOf(table: string): ChainReader<DumpUnit> {
  return { table, linesOf: ({ rules }) => rules, ruleOf: meaningOf, originOf: originOfName };
}

function chainOf(reader: ChainReader<DumpUnit>, unit: DumpUnit): Chain | undefined {
  const { name, declaration } = unit;
  if (declaration.kind !== 'chain') return undefined;
  return new LazyChain(name, baseOf(declaration), unit, reader);
}

function baseOf(declaration: Declaration): BaseChain | undefined {
  if (declaration.kind !== 'chain' || declaration.hook === undefined) return undefined;
  const { type, hook, priority, policy } = declaration.hook;
  return { hook: hook as Hook, priority, type, policy: policy === 'drop' ? 'drop' : 'accept' };
}

function setOf(table: string, unit: DumpUnit): readonly NamedSet[] {
  const { name, declaration } = unit;
  if (declaration.kind !== 'set' && declaration.kind !== 'map') return [];
  const isMap = declaration.kind === 'map';
  const read = lazy(
    () =>
      new Map(
        unit.elements.map(
          ({ key, value }) => [uncounted(key), isMap ? mapValueOf(value) : undefined] as const,
        ),
      ),
  );
  return [
    {
      ...{ table, name, timeout: declaration.timeout, changes: changes(table, declaration) },
      get elements() {
        return read();
      },
    },
  ];
}

/** Dynamic elements are not all listed. Those of our own sets depend on the client. */
function changes(table: string, { flags, timeout }: SetDeclaration): boolean {
  return !isOwned(table) && (timeout > 0 || flags.includes('dynamic') || flags.includes('timeout'));
}
