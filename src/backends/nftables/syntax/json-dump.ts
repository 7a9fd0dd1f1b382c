/** Reads what `nft -j list table` and `nft -j list ruleset` print, of every version. */

import type { Steps } from '../../../steps.js';
import type { DumpReader } from './dump-reader.js';
import { LateItems, type PlainItems } from './json-items.js';
import { unknownUnitKeys } from './json-keys.js';
import { type NftEntry, nftEntryOf, nftObjects, wordOf } from './json-listings.js';
import { readRule, reportKeys } from './json-rules.js';
import {
  commentOf,
  contentOf,
  hasOnly,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  othersOf,
  unknownText,
  wordsOf,
} from './json-values.js';
import { expressionWords } from './json-words.js';
import { typesOfExpressions } from './key-types.js';
import type { Element, SetDeclaration } from './units.js';
import { elementKeyText, plainKeyText } from './values.js';

/**
 * Passes everything in the JSON to the reader, one object or element a step. An object is parsed
 * when it is read, and dropped after that.
 */
export function* readJsonDump(text: string, reader: DumpReader): Steps<void> {
  const objects = nftObjects(text, reader);
  yield;
  const reading = { tables: new Set<string>(), late: false };
  const rules: number[] = [];
  for (let i = 0; i < objects.size; i++) {
    yield;
    const entry = objects.isRule(i) ? undefined : nftEntryOf(objects.at(i), reader);
    if (entry === undefined || entry.kind === 'rule') rules.push(i);
    else yield* readEntry(entry, reading, reader);
  }
  // Version 1.0.6 and older list a rule before the chains that stand behind it; all that it names
  // is known now.
  for (const i of rules) {
    yield;
    reportKeys(readRule(nftEntryOf(objects.at(i), reader).object, reader), reader);
  }
}

/** How the objects of a listing are read. */
export interface Reading {
  /** The tables that were seen. */
  readonly tables: Set<string>;
  /** Whether elements are read when somebody asks for them. */
  readonly late: boolean;
  /** The elements of the set or map that is read, where these are no part of its object. */
  readonly items?: PlainItems;
}

/** Reads an object that is no rule. */
export function* readEntry(
  { kind, object }: NftEntry,
  { tables, late, items }: Reading,
  reader: DumpReader,
): Steps<void> {
  const table = `${object.family} ${object.name}`;
  if (kind === 'table' && tables.has(table))
    reader.fail(`table ${table} is there twice, from two dumps`, 'save each into its own file');
  if (kind === 'table') tables.add(table);
  if (kind === 'set' || kind === 'map') yield* readSet(kind, object, { late, items }, reader);
  else readObject(kind, object, reader);
}

function readObject(kind: string, object: JsonObject, reader: DumpReader): void {
  switch (kind) {
    case 'metainfo':
      if (typeof object.version === 'string') reader.version = object.version;
      return;
    case 'table':
      reader.addUnreadKeys(unknownUnitKeys('table', object));
      reader.addTable(wordOf(object, 'family', reader), wordOf(object, 'name', reader), {
        comment: commentOf(object),
        flags: wordsOf(object.flags) ?? [unknownText(object.flags)],
      });
      return;
    case 'chain':
      readChain(object, reader);
      return;
    default:
      readOther(kind, object, reader);
  }
}

/** Where an object is. */
function placeOf(
  object: JsonObject,
  reader: DumpReader,
): { readonly family: string; readonly table: string; readonly name: string } {
  return {
    family: wordOf(object, 'family', reader),
    table: wordOf(object, 'table', reader),
    name: wordOf(object, 'name', reader),
  };
}

const PLACE = ['family', 'table', 'name', 'handle'];

function readChain(object: JsonObject, reader: DumpReader): void {
  const { family, table, name } = placeOf(object, reader);
  const { type, hook, policy } = object;
  const priority = numberOf(object.prio);
  const base =
    typeof type === 'string' && typeof hook === 'string' && priority !== undefined
      ? { type, hook, priority, policy: typeof policy === 'string' ? policy : 'accept' }
      : undefined;
  const known = base === undefined ? PLACE : [...PLACE, 'type', 'hook', 'prio', 'policy'];
  const others = othersOf(object, known);
  if (others.length > 0) reader.addUnreadKeys(unknownUnitKeys('chain', object));
  reader.addUnit(family, table, {
    name,
    declaration: { kind: 'chain', hook: base, others },
    comment: commentOf(object),
  });
}

function* readSet(
  kind: 'set' | 'map',
  object: JsonObject,
  { late, items: plain }: { readonly late: boolean; readonly items: PlainItems | undefined },
  reader: DumpReader,
): Steps<void> {
  const { family, table, name } = placeOf(object, reader);
  const types = typesOf(name, object.type);
  const data = typesOf(name, object.map);
  const flags = wordsOf(object.flags) ?? [];
  const known = [...PLACE, 'flags', 'timeout', 'size', 'elem'];
  const others = othersOf(object, [
    ...known,
    ...(types === undefined ? [] : ['type']),
    ...(data === undefined ? [] : ['map']),
  ]);
  if (others.length > 0) reader.addUnreadKeys(unknownUnitKeys('set', object));
  const declaration: SetDeclaration = {
    kind,
    types: types ?? [],
    data: (data ?? []).join(' . '),
    flags,
    timeout: numberOf(object.timeout) ?? 0,
    size: numberOf(object.size) ?? 0,
    others,
  };
  reader.addUnit(family, table, { name, declaration, comment: commentOf(object) });
  const read = (item: unknown): Element[] => elementOf(item, kind, types ?? [], reader);
  if (plain !== undefined) {
    reader.addLater(family, table, name, new LateItems(plain, read));
    return;
  }
  const items = listOf(object.elem) ?? [];
  if (late && items.every(isBare)) {
    reader.addLater(family, table, name, { size: items.length, read: () => items.flatMap(read) });
    return;
  }
  for (const item of items) {
    yield;
    for (const element of read(item)) reader.addElement(family, table, name, element);
  }
}

/** Type names, or since nft 1.1 the expressions of `typeof`; `undefined` for anything else. */
export function typesOf(set: string, value: unknown): readonly string[] | undefined {
  const expressions = expressionWords(contentOf(value, 'typeof'));
  return expressions === undefined
    ? wordsOf(value)
    : typesOfExpressions(set, expressions.join(' '));
}

/** Whether an element is its key alone, of which no keys have to be reported. */
function isBare(item: unknown): boolean {
  const first = listOf(item)?.[0] ?? item;
  return contentOf(first, 'elem') === undefined;
}

/** None where it expires: those depend on connections, not on rules. */
function elementOf(
  item: unknown,
  kind: 'set' | 'map',
  types: readonly string[],
  reader: DumpReader,
): Element[] {
  const pair = kind === 'map' ? listOf(item) : undefined;
  const [keyed, value] = pair ?? [item];
  const element = objectOf(contentOf(keyed, 'elem')) ?? { val: keyed };
  if (element.expires !== undefined) return [];
  const others = othersOf(element, ['val']);
  if (others.length > 0) reader.addUnreadKeys(unknownUnitKeys('elem', element));
  const key = [keyText(element.val, types), ...others].join(' ');
  const text = value === undefined ? '' : (plainGoto(value) ?? keyText(value, []));
  return [{ key, comment: commentOf(element), value: text }];
}

/** What most elements of large maps lead to; of names with addresses the spelling is looked at. */
function plainGoto(value: unknown): string | undefined {
  const to = objectOf(contentOf(value, 'goto'));
  const { target } = to ?? {};
  const isPlain = typeof target === 'string' && PLAIN_NAME.test(target);
  return to !== undefined && isPlain && hasOnly(to, ['target']) ? `goto ${target}` : undefined;
}

const PLAIN_NAME = /^[^.:\s{},;"]+$/;

/** The key of an element. */
function keyText(value: unknown, types: readonly string[]): string {
  // Nearly all, and of many elements this takes most of the time.
  const plain = plainKeyText(listOf(contentOf(value, 'concat')) ?? [value], types);
  if (plain !== undefined && plain !== '') return plain;
  const words = expressionWords(value);
  return words === undefined ? unknownText(value) : elementKeyText(words, types);
}

/** What changes with the packets that an object has seen, and where it is. */
const COUNTED = ['family', 'table', 'name', 'handle', 'packets', 'used'];

/** Counters, quotas, flow tables. */
function readOther(type: string, object: JsonObject, reader: DumpReader): void {
  const { family, table, name } = placeOf(object, reader);
  const known = type === 'counter' ? [...COUNTED, 'bytes'] : COUNTED;
  const declaration = { kind: 'object', type, others: othersOf(object, known) } as const;
  reader.addUnit(family, table, { name, declaration, comment: commentOf(object) });
}
