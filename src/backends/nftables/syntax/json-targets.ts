/** Reads the parts of a rule from the JSON of nft, of every version: what is done here, conditions in {@link ./json-matches.ts}. */

import { ipWord, markOperand, readField, readFields, readMatch, setName } from './json-matches.js';
import {
  contentOf,
  hasOnly,
  type JsonObject,
  listOf,
  objectOf,
  onlyEntry,
  unknownText,
  wordsOf,
} from './json-values.js';
import type { IpWord, Statement, Target, Verdict } from './rule-types.js';
import { inOrder, target } from './targets.js';
import { addressOf, rejectWords } from './values.js';

/** The statement that an object of `expr` means in a table of a family; what is not understood is kept as it is. */
export function statementOfJson(value: unknown, family: string): Statement {
  const [kind, content] = onlyEntry(value) ?? [];
  return (
    (kind === undefined ? undefined : readStatement(kind, content, family)) ?? {
      kind: 'unknown',
      text: unknownText(value),
    }
  );
}

function readStatement(kind: string, content: unknown, family: string): Statement | undefined {
  switch (kind) {
    case 'match':
      return readMatch(objectOf(content));
    case 'mangle':
      return readMangle(objectOf(content));
    case 'vmap':
      return readVmap(objectOf(content));
    case 'dnat':
      return readDnat(objectOf(content));
    case 'masquerade':
      return readMasquerade(content);
    case 'reject':
      return readReject(content, family);
    case 'set':
      return readUpdate(objectOf(content));
    case 'counter':
      return objectOf(content) === undefined ? undefined : { kind: 'counter' };
    default:
      return verdictOf(kind, content);
  }
}

/** The verdict that an object means. */
export function verdictOfJson(value: unknown): Verdict | undefined {
  const [kind, content] = onlyEntry(value) ?? [];
  return kind === undefined ? undefined : verdictOf(kind, content);
}

function verdictOf(kind: string, content: unknown): Verdict | undefined {
  if (kind === 'drop' || kind === 'accept' || kind === 'return')
    return content === null ? { kind } : undefined;
  if (kind !== 'jump' && kind !== 'goto') return undefined;
  const chain = objectOf(content)?.target;
  return typeof chain === 'string' ? { kind, chain } : undefined;
}

const OPERATORS = { '&': 'and', '|': 'or', '^': 'xor' } as const;

function readMangle(mangle: JsonObject | undefined): Statement | undefined {
  if (objectOf(contentOf(mangle?.key, 'meta'))?.key !== 'mark') return undefined;
  const [operator, content] = onlyEntry(mangle?.value) ?? [];
  const value = markOperand(content);
  if ((operator !== '&' && operator !== '|' && operator !== '^') || value === undefined)
    return undefined;
  return { kind: 'set-mark', operator: OPERATORS[operator], value };
}

function readVmap(vmap: JsonObject | undefined): Statement | undefined {
  const fields = readFields(vmap?.key);
  const map = setName(vmap?.data);
  if (fields !== undefined && map !== undefined) return { kind: 'verdict-map', fields, map };
  const choices = readChoices(vmap, verdictOfJson);
  return choices === undefined ? undefined : { kind: 'random-verdict', choices };
}

function readDnat(dnat: JsonObject | undefined): Statement | undefined {
  if (dnat === undefined || !hasOnly(dnat, ['family', 'addr', 'port', 'type_flags']))
    return undefined;
  const { addr, port } = dnat;
  const map = objectOf(contentOf(addr, 'map'));
  if (map === undefined) {
    if (typeof addr !== 'string' || typeof port !== 'number') return undefined;
    const found = target(addressOf(addr, addr.includes(':') ? 'ip6' : 'ip'), port);
    return found === undefined ? undefined : { kind: 'dnat', ...found };
  }
  const ip = ipWord(dnat.family);
  if (ip === undefined || port !== undefined) return undefined;
  const targets = readChoices(map, (value) => targetOf(value, ip));
  return targets === undefined ? undefined : { kind: 'random-dnat', ip, targets };
}

function targetOf(value: unknown, ip: IpWord): Target | undefined {
  const [address, port] = listOf(contentOf(value, 'concat')) ?? [];
  return typeof address === 'string' && typeof port === 'number'
    ? target(addressOf(address, ip), port)
    : undefined;
}

/** `{key: numgen, data: {set: [[0, choice], …]}}` with a choice for every number. */
function readChoices<T>(
  map: JsonObject | undefined,
  read: (value: unknown) => T | undefined,
): readonly T[] | undefined {
  const numgen = objectOf(contentOf(map?.key, 'numgen'));
  const entries = listOf(contentOf(map?.data, 'set'));
  if (numgen?.mode !== 'random' || numgen.offset !== 0 || entries === undefined) return undefined;
  const found = new Map<number, T>();
  for (const entry of entries) {
    const [number, value] = listOf(entry) ?? [];
    const choice = read(value);
    if (typeof number !== 'number' || choice === undefined) return undefined;
    found.set(number, choice);
  }
  return found.size === entries.length && typeof numgen.mod === 'number'
    ? inOrder(found, numgen.mod)
    : undefined;
}

function readMasquerade(content: unknown): Statement | undefined {
  const options = content === null ? {} : objectOf(content);
  const flags = wordsOf(options?.flags);
  return options === undefined || flags === undefined || !hasOnly(options, ['flags'])
    ? undefined
    : { kind: 'masquerade', flags };
}

function readReject(content: unknown, family: string): Statement | undefined {
  if (content === null) return { kind: 'reject', with: '' };
  const { type, expr } = objectOf(content) ?? {};
  if (typeof type !== 'string') return undefined;
  if (expr === undefined) return { kind: 'reject', with: type };
  return typeof expr === 'string'
    ? { kind: 'reject', with: rejectWords(`${type} ${expr}`, family) }
    : undefined;
}

function readUpdate(update: JsonObject | undefined): Statement | undefined {
  if (update === undefined || !hasOnly(update, ['op', 'elem', 'set'])) return undefined;
  const { op, elem } = update;
  const field = readField(elem);
  const set = setName(update.set);
  return (op === 'update' || op === 'add') && field !== undefined && set !== undefined
    ? { kind: 'update', operator: op, set, field }
    : undefined;
}
