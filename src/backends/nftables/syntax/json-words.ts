/**
 * The JSON of nft as words of its language: the second tokeniser for the grammar of statements.
 * Versions differ in how they write a list of one, a default and a mark's highest bits.
 */

import { READ_KEYS } from './json-keys.js';
import {
  contentOf,
  hasOnly,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  onlyEntry,
  wordsOf,
} from './json-values.js';

/** The words of a member of `expr` in a rule; `undefined` for JSON that this file does not know. */
export function statementWords(value: unknown): readonly string[] | undefined {
  const out: string[] = [];
  return addStatement(value, out) ? out : undefined;
}

/**
 * The words of a key, or of what an element leads to; `undefined` for JSON that this file does not
 * know.
 */
export function expressionWords(value: unknown): readonly string[] | undefined {
  const out: string[] = [];
  return addExpression(value, out) ? out : undefined;
}

// Each function below appends the words of a piece of JSON, and returns false where it does not
// know the piece.

function addStatement(value: unknown, out: string[]): boolean {
  const { kind, content } = onlyEntry(value);
  const object = objectOf(content);
  switch (kind) {
    case 'match':
      return addMatch(object, out);
    case 'mangle':
      return (
        only(object, READ_KEYS.mangle) &&
        addExpression(object.key, out) &&
        add('set', out) &&
        addExpression(object.value, out)
      );
    case 'vmap':
      return addLookup(kind, object, out);
    case 'dnat':
      return addDnat(object, out);
    case 'masquerade':
      return add(kind, out) && (content === null || addPortsAndFlags(object, out));
    case 'reject':
      return add(kind, out) && (content === null || addAnswer(object, out));
    case 'set':
      return addUpdate(object, out);
    case 'counter':
      return add(kind, out) && addCounter(content, out);
    default:
      return addVerdict(kind, content, out);
  }
}

/** An address, a number, a field, a set, or what an element leads to. */
function addExpression(value: unknown, out: string[]): boolean {
  if (typeof value === 'string') return WORD.test(value) && add(value, out);
  if (typeof value === 'number') return add(String(value), out);
  const list = listOf(value);
  if (list !== undefined) return addJoined(list, ',', out);
  const { kind, content } = onlyEntry(value);
  const object = objectOf(content);
  switch (kind) {
    case 'payload':
      return (
        only(object, ['protocol', 'field']) &&
        addExpression(object.protocol, out) &&
        addExpression(object.field, out)
      );
    case 'meta':
    case 'ct':
      return only(object, ['key']) && add(kind, out) && addExpression(object?.key, out);
    case 'fib':
      return (
        only(object, READ_KEYS.fib) &&
        add(kind, out) &&
        addJoined(wordsOf(object.flags), '.', out) &&
        addExpression(object.result, out)
      );
    case 'numgen':
      return addNumgen(object, out);
    case 'concat':
      return addJoined(listOf(content), '.', out);
    case 'set':
      return add('{', out) && addJoined(listOf(content), ',', out, addMember) && add('}', out);
    case 'map':
      return addLookup(kind, object, out);
    case 'prefix':
      return (
        only(object, READ_KEYS.prefix) &&
        typeof object.addr === 'string' &&
        add(`${object.addr}/${String(object.len)}`, out)
      );
    case 'range':
      return addRange(listOf(content), out);
    case '&':
    case '|':
    case '^':
      return addJoined(listOf(content), kind, out);
    default:
      return addVerdict(kind, content, out);
  }
}

/** A JSON string that is one word. */
const WORD = /^[^\s{},;"]+$/;

function add(word: string, out: string[]): true {
  out.push(word);
  return true;
}

/** Each of the values, with a word in between. */
function addJoined(
  values: readonly unknown[] | undefined,
  separator: string,
  out: string[],
  addValue: (value: unknown, out: string[]) => boolean = addExpression,
): boolean {
  return (
    values?.every((value, i) => (i === 0 || add(separator, out)) && addValue(value, out)) ?? false
  );
}

/** A member of a set, or of a map with what it leads to. */
function addMember(value: unknown, out: string[]): boolean {
  const list = listOf(value);
  return list?.length === 2
    ? addExpression(list[0], out) && add(':', out) && addExpression(list[1], out)
    : addExpression(value, out);
}

function addVerdict(kind: string | undefined, content: unknown, out: string[]): boolean {
  if (kind === 'drop' || kind === 'accept' || kind === 'return')
    return content === null && add(kind, out);
  const to = objectOf(content);
  return (
    (kind === 'jump' || kind === 'goto') &&
    only(to, READ_KEYS[kind]) &&
    add(kind, out) &&
    addExpression(to.target, out)
  );
}

/** What a map has for a key. */
function addLookup(kind: 'map' | 'vmap', lookup: JsonObject | undefined, out: string[]): boolean {
  return (
    only(lookup, READ_KEYS[kind]) &&
    addExpression(lookup.key, out) &&
    add(kind, out) &&
    addExpression(lookup.data, out)
  );
}

function addMatch(match: JsonObject | undefined, out: string[]): boolean {
  if (!only(match, READ_KEYS.match)) return false;
  const { op, left, right } = withoutPrefix(match);
  // `in` is how nft writes that any of these bits of a connection's state is set.
  const implicit = op === 'in' && contentOf(left, 'ct') !== undefined;
  return (
    addExpression(left, out) && (implicit || addExpression(op, out)) && addExpression(right, out)
  );
}

/** nft lists a test of the mark's highest bits as a prefix: 0/1 for 0x80000000. */
function withoutPrefix(match: JsonObject): JsonObject {
  const prefix = objectOf(contentOf(match.right, 'prefix')) ?? {};
  const [addr, len] = [numberOf(prefix.addr), numberOf(prefix.len)];
  if (addr === undefined || len === undefined) return match;
  return { op: match.op, left: { '&': [match.left, 2 ** 32 - 2 ** (32 - len)] }, right: addr };
}

/** To one endpoint, or to one of a map; only then is the family written. */
function addDnat(dnat: JsonObject | undefined, out: string[]): boolean {
  if (!only(dnat, ['family', 'addr', 'port', 'type_flags'])) return false;
  const { addr, port, family } = dnat;
  add('dnat', out);
  if (typeof addr !== 'string')
    return (
      port === undefined && addExpression(family, out) && add('to', out) && addExpression(addr, out)
    );
  const host = addr.includes(':') ? `[${addr}]` : addr;
  return numberOf(port) !== undefined && add('to', out) && add(`${host}:${port}`, out);
}

/** Flags are none, one, or a list. */
function addPortsAndFlags(options: JsonObject | undefined, out: string[]): boolean {
  if (!only(options, ['flags', 'port'])) return false;
  const ports: string[] = [];
  if (options.port !== undefined && !addExpression(options.port, ports)) return false;
  if (ports.length > 0) out.push('to', `:${ports.join(' ')}`);
  return addJoined(wordsOf(options.flags), ',', out);
}

/** `{"type": "tcp reset"}` or `{"type": "icmp", "expr": "port-unreachable"}`. */
function addAnswer(reject: JsonObject | undefined, out: string[]): boolean {
  if (!only(reject, READ_KEYS.reject) || typeof reject.type !== 'string') return false;
  out.push('with', ...reject.type.split(' '));
  return reject.expr === undefined || addExpression(reject.expr, out);
}

function addUpdate(update: JsonObject | undefined, out: string[]): boolean {
  return (
    only(update, ['op', 'elem', 'set']) &&
    addExpression(update.op, out) &&
    addExpression(update.set, out) &&
    add('{', out) &&
    addExpression(update.elem, out) &&
    add('}', out)
  );
}

/** The numbers of a counter of the rule itself are no part of the rule. */
function addCounter(content: unknown, out: string[]): boolean {
  if (typeof content === 'string') return add('name', out) && addExpression(content, out);
  return content === null || only(objectOf(content), READ_KEYS.counter);
}

function addNumgen(numgen: JsonObject | undefined, out: string[]): boolean {
  if (!only(numgen, READ_KEYS.numgen)) return false;
  const { mode, mod, offset } = numgen;
  return (
    add('numgen', out) &&
    addExpression(mode, out) &&
    add('mod', out) &&
    addExpression(mod, out) &&
    (numberOf(offset) === 0 || (add('offset', out) && addExpression(offset, out)))
  );
}

/** Of addresses or of numbers. */
function addRange(ends: readonly unknown[] | undefined, out: string[]): boolean {
  const isRange = ends?.every((end) => typeof end === 'string' || typeof end === 'number');
  return isRange === true && ends?.length === 2 && add(ends.join('-'), out);
}

function only(object: JsonObject | undefined, keys: readonly string[]): object is JsonObject {
  return object !== undefined && hasOnly(object, keys);
}
