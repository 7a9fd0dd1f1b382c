/**
 * The keys that objects in the JSON of nft have, by what they describe (libnftables-json(5)). A key
 * that is not among them may change what the object means.
 */

import { listOf, objectOf } from './json-values.js';

type Keys = Readonly<Record<string, readonly string[]>>;

/** Of those statements and expressions in which a key that is not read could be passed over. */
export const READ_KEYS: Readonly<Record<ReadKind, readonly string[]>> = {
  match: ['op', 'left', 'right'],
  mangle: ['key', 'value'],
  map: ['key', 'data'],
  vmap: ['key', 'data'],
  set: ['op', 'elem', 'set', 'stmt'],
  payload: ['protocol', 'field', 'base', 'offset', 'len'],
  meta: ['key'],
  ct: ['key', 'family', 'dir'],
  fib: ['result', 'flags'],
  numgen: ['mode', 'mod', 'offset'],
  prefix: ['addr', 'len'],
  jump: ['target'],
  goto: ['target'],
  counter: ['packets', 'bytes'],
  reject: ['type', 'expr'],
  masquerade: ['flags', 'port', 'type_flags'],
  dnat: ['family', 'addr', 'port', 'flags', 'type_flags'],
  snat: ['family', 'addr', 'port', 'flags', 'type_flags'],
  redirect: ['port', 'flags'],
};

type ReadKind =
  | ('match' | 'mangle' | 'map' | 'vmap' | 'set' | 'payload' | 'meta' | 'ct' | 'fib' | 'numgen')
  | (
      | 'prefix'
      | 'jump'
      | 'goto'
      | 'counter'
      | 'reject'
      | 'masquerade'
      | 'dnat'
      | 'snat'
      | 'redirect'
    );

/**
 * The same with what nft has and vipc does not read: the header of a packet inside another one, and
 * changes of maps.
 */
const PRINTED_KEYS: Keys = {
  ...READ_KEYS,
  payload: [...READ_KEYS.payload, 'tunnel'],
  map: [...READ_KEYS.map, 'op', 'elem', 'map', 'stmt'],
};

const PLACE = ['family', 'table', 'name', 'handle', 'comment'];

/** Of tables, chains, sets and maps, and of elements that are no value alone. */
const UNIT_KEYS: Keys = {
  table: [...PLACE, 'flags'],
  chain: [...PLACE, 'type', 'hook', 'prio', 'policy', 'dev'],
  set: [
    ...[...PLACE, 'type', 'map', 'flags', 'policy', 'timeout', 'gc-interval', 'size', 'elem'],
    ...['auto-merge', 'stmt'],
  ],
  elem: ['val', 'comment', 'timeout', 'expires', 'counter', 'limit', 'quota', 'last', 'ct count'],
};

/** Whether all keys of a statement or an expression, and of what it is made of, are read. */
export function isReadWhole(value: unknown): boolean {
  return foreignKeys(value, READ_KEYS).length === 0;
}

/** The keys in a statement that no version of nft prints that is known, as `payload.KEY`. */
export function unknownStatementKeys(value: unknown): readonly string[] {
  return foreignKeys(value, PRINTED_KEYS);
}

/** The same of an object that is no rule. */
export function unknownUnitKeys(
  kind: 'table' | 'chain' | 'set' | 'elem',
  unit: object,
): readonly string[] {
  return keysBeside(kind, unit, UNIT_KEYS);
}

function foreignKeys(value: unknown, known: Keys): readonly string[] {
  const list = listOf(value);
  if (list !== undefined) return list.flatMap((one) => foreignKeys(one, known));
  return Object.entries(objectOf(value) ?? {}).flatMap(([kind, content]) => [
    ...keysBeside(kind, objectOf(content) ?? {}, known),
    ...foreignKeys(content, known),
  ]);
}

function keysBeside(kind: string, object: object, known: Keys): readonly string[] {
  const keys = Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (keys === undefined) return [];
  return Object.keys(object).flatMap((key) => (keys.includes(key) ? [] : `${kind}.${key}`));
}
