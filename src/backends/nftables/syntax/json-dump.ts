/** Reads what `nft -j list table` and `nft -j list ruleset` print, of every version. */

import type { Steps } from '../../../steps.js';
import type { DumpReader } from './dump-reader.js';
import { unknownStatementKeys, unknownUnitKeys } from './json-keys.js';
import { type NftEntry, nftEntryOf, nftObjects } from './json-listings.js';
import {
  commentOf,
  contentOf,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  onlyEntry,
  othersOf,
  unknownText,
  wordsOf,
} from './json-values.js';
import { expressionWords } from './json-words.js';
import { typesOfExpressions } from './key-types.js';
import { type NftStatement, printRule, statementOfJson } from './rule.js';
import type { SetDeclaration } from './units.js';
import { elementKeyText } from './values.js';

/**
 * Passes everything in the JSON to the reader, one object or element a step. An object is parsed
 * when it is read, and dropped after that.
 */
export function* readJsonDump(text: string, reader: DumpReader): Steps<void> {
  const objects = nftObjects(text, reader);
  yield;
  const tables = new Set<string>();
  const rules: number[] = [];
  for (let i = 0; i < objects.size; i++) {
    yield;
    const entry = objects.isRule(i) ? undefined : nftEntryOf(objects.at(i), reader);
    if (entry === undefined || entry.kind === 'rule') rules.push(i);
    else yield* readEntry(entry, tables, reader);
  }
  // Version 1.0.6 and older list a rule before the chains that stand behind it; all that it names
  // is known now.
  for (const i of rules) {
    yield;
    readRule(nftEntryOf(objects.at(i), reader).object, reader);
  }
}

function* readEntry(
  { kind, object }: NftEntry,
  tables: Set<string>,
  reader: DumpReader,
): Steps<void> {
  const table = `${object.family} ${object.name}`;
  if (kind === 'table' && tables.has(table))
    reader.fail(`table ${table} is there twice, from two dumps`, 'save each into its own file');
  if (kind === 'table') tables.add(table);
  if (kind === 'set' || kind === 'map') yield* readSet(kind, object, reader);
  else readObject(kind, object, reader);
}

function readObject(kind: string, object: JsonObject, reader: DumpReader): void {
  switch (kind) {
    case 'metainfo':
      if (typeof object.version === 'string') reader.version = object.version;
      return;
    case 'table':
      reader.addUnreadKeys(unknownUnitKeys('table', object));
      reader.addTable(word(object, 'family', reader), word(object, 'name', reader), {
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
    family: word(object, 'family', reader),
    table: word(object, 'table', reader),
    name: word(object, 'name', reader),
  };
}

function word(object: JsonObject, key: string, reader: DumpReader): string {
  const value = object[key];
  return typeof value === 'string' && value !== ''
    ? value
    : reader.fail(`an object of nft without ${key}: ${JSON.stringify(object).slice(0, 80)}`);
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

function* readSet(kind: 'set' | 'map', object: JsonObject, reader: DumpReader): Steps<void> {
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
  const place = { kind, family, table, name, types: types ?? [] };
  for (const item of listOf(object.elem) ?? []) {
    yield;
    readElement(item, place, reader);
  }
}

/** Type names, or since nft 1.1 the expressions of `typeof`; `undefined` for anything else. */
function typesOf(set: string, value: unknown): readonly string[] | undefined {
  const expressions = expressionWords(contentOf(value, 'typeof'));
  return expressions === undefined
    ? wordsOf(value)
    : typesOfExpressions(set, expressions.join(' '));
}

interface SetPlace {
  readonly kind: 'set' | 'map';
  readonly family: string;
  readonly table: string;
  readonly name: string;
  /** Of the key. */
  readonly types: readonly string[];
}

function readElement(
  item: unknown,
  { kind, family, table, name, types }: SetPlace,
  reader: DumpReader,
): void {
  const pair = kind === 'map' ? listOf(item) : undefined;
  const [keyed, value] = pair ?? [item];
  const element = objectOf(contentOf(keyed, 'elem')) ?? { val: keyed };
  // Elements that expire depend on connections, not on rules.
  if (element.expires !== undefined) return;
  const others = othersOf(element, ['val']);
  if (others.length > 0) reader.addUnreadKeys(unknownUnitKeys('elem', element));
  const key = [keyText(element.val, types), ...others].join(' ');
  reader.addElement(family, table, name, {
    key,
    comment: commentOf(element),
    value: value === undefined ? '' : keyText(value, []),
  });
}

function unknown(text: string): NftStatement {
  return { kind: 'unknown', text };
}

/** The key of an element. */
function keyText(value: unknown, types: readonly string[]): string {
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

const RULE = ['family', 'table', 'chain', 'handle', 'index', 'expr', 'comment'];

function readRule(object: JsonObject, reader: DumpReader): void {
  const family = word(object, 'family', reader);
  const table = word(object, 'table', reader);
  const chain = word(object, 'chain', reader);
  const expressions = listOf(object.expr) ?? reader.fail(`a rule of chain ${chain} without expr`);
  if (expressions.some((value) => onlyEntry(value).kind === 'xt')) {
    reader.addUnreadable(family, table);
    return;
  }
  const line = printRule({
    table: `${family} ${table}`,
    chain,
    statements: [
      ...expressions.map((value) => {
        const statement = statementOfJson(value, family);
        if (statement.kind === 'unknown') reader.addUnreadKeys(unknownStatementKeys(value));
        return statement;
      }),
      ...othersOf({ comment: object.comment ?? '' }, []).map(unknown),
    ],
    comment: commentOf(object),
  });
  // What a rule does is in its expressions: what a later nft says beside them is no difference.
  for (const key of Object.keys(object)) if (!RULE.includes(key)) reader.addUnknownKey(key);
  reader.addRule(family, table, chain, line);
}
