/** Reads the conditions of a rule from the JSON of nft, of every version. */

import {
  contentOf,
  hasOnly,
  type JsonObject,
  listOf,
  objectOf,
  onlyEntry,
  wordsOf,
} from './json-values.js';
import type { Field, IpWord, Side, Statement } from './rule-types.js';
import { networksOf, protocolName } from './values.js';

/** The content of a `match`. `undefined` where it is not understood. */
export function readMatch(match: JsonObject | undefined): Statement | undefined {
  if (match === undefined || !hasOnly(match, ['op', 'left', 'right'])) return undefined;
  const { op, left, right } = match;
  const [kind, content] = onlyEntry(left) ?? [];
  if (op === 'in' && kind === 'ct') return readConntrack(objectOf(content), right);
  if (op !== '==' && op !== '!=') return undefined;
  const not = op === '!=';
  switch (kind) {
    case 'payload':
      return readAddressMatch(left, right, not);
    case 'concat':
      return readSetMatch(left, right, not);
    case 'meta':
      return readMetaMatch(objectOf(content), right, not);
    case 'fib':
      return readFib(objectOf(content), right, not);
    case '&':
      return readMarkMatch(content, right, not);
    default:
      return undefined;
  }
}

/** `ct state new`; several states are a list or a set. */
function readConntrack(ct: JsonObject | undefined, right: unknown): Statement | undefined {
  const key = ct?.key;
  const words = wordsOf(right);
  if (ct === undefined || !hasOnly(ct, ['key']) || words === undefined) return undefined;
  return key === 'state' || key === 'status' ? { kind: 'conntrack', key, words } : undefined;
}

function readAddressMatch(left: unknown, right: unknown, not: boolean): Statement | undefined {
  const field = readField(left);
  if (field === undefined || field.kind !== 'address') return undefined;
  const set = setName(right);
  if (set !== undefined) return { kind: 'in-set', fields: [field], not, set };
  const members = listOf(contentOf(right, 'set')) ?? [right];
  const words = members.map(networkWord);
  const known = words.filter((word) => word !== undefined);
  const networks = known.length === words.length ? networksOf(known, field.ip) : undefined;
  return networks === undefined
    ? undefined
    : { kind: 'networks', ip: field.ip, side: field.side, not, networks };
}

/** An address, `{"prefix": …}` or `{"range": […]}` as a word of nft. */
function networkWord(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const prefix = objectOf(contentOf(value, 'prefix'));
  if (prefix !== undefined) return `${String(prefix.addr)}/${String(prefix.len)}`;
  const range = wordsOf(contentOf(value, 'range'));
  return range?.length === 2 ? range.join('-') : undefined;
}

function readSetMatch(left: unknown, right: unknown, not: boolean): Statement | undefined {
  const fields = readFields(left);
  const set = setName(right);
  return fields === undefined || set === undefined
    ? undefined
    : { kind: 'in-set', fields, not, set };
}

function readMetaMatch(
  meta: JsonObject | undefined,
  right: unknown,
  not: boolean,
): Statement | undefined {
  if (meta?.key === 'iifname')
    return typeof right === 'string' && !right.startsWith('@')
      ? { kind: 'interface', not, name: right }
      : undefined;
  if (meta?.key === 'l4proto') {
    const protocol = protocolName(String(right));
    return /^[a-z0-9-]+$/.test(protocol) ? { kind: 'protocol', not, protocol } : undefined;
  }
  const prefix = objectOf(contentOf(right, 'prefix'));
  if (meta?.key !== 'mark' || prefix === undefined) return undefined;
  // nft lists a test of the highest bits as a prefix: 0/1 for 0x80000000.
  const { addr, len } = prefix;
  if (typeof addr !== 'number' || typeof len !== 'number') return undefined;
  return { kind: 'mark', mask: 2 ** 32 - 2 ** (32 - len), not, value: addr };
}

function readFib(fib: JsonObject | undefined, right: unknown, not: boolean): Statement | undefined {
  const flags = wordsOf(fib?.flags);
  const side = sideOf(flags?.[0]);
  if (fib?.result !== 'type' || flags?.length !== 1 || side === undefined) return undefined;
  return typeof right === 'string' && /^[a-z]+$/.test(right)
    ? { kind: 'fib', side, not, type: right }
    : undefined;
}

function readMarkMatch(content: unknown, right: unknown, not: boolean): Statement | undefined {
  const mask = markOperand(content);
  return mask === undefined || typeof right !== 'number'
    ? undefined
    : { kind: 'mark', mask, not, value: right };
}

/** The number in `[mark, number]`. */
export function markOperand(content: unknown): number | undefined {
  const [left, right] = listOf(content) ?? [];
  return objectOf(contentOf(left, 'meta'))?.key === 'mark' && typeof right === 'number'
    ? right
    : undefined;
}

/** The name in `@name`. */
export function setName(value: unknown): string | undefined {
  return typeof value === 'string' && /^@./.test(value) ? value.slice(1) : undefined;
}

/** One field or a concatenation of several. */
export function readFields(value: unknown): readonly Field[] | undefined {
  const parts = listOf(contentOf(value, 'concat')) ?? [value];
  const fields = parts.map(readField);
  const known = fields.filter((field) => field !== undefined);
  return known.length === fields.length ? known : undefined;
}

/** A field of a packet. */
export function readField(value: unknown): Field | undefined {
  const [kind, content] = onlyEntry(value) ?? [];
  const { key, protocol, field } = objectOf(content) ?? {};
  if (kind === 'meta') return key === 'l4proto' ? { kind: 'l4proto' } : undefined;
  if (kind !== 'payload') return undefined;
  if (protocol === 'th' && field === 'dport') return { kind: 'dport' };
  const ip = ipWord(protocol);
  const side = sideOf(field);
  return ip === undefined || side === undefined ? undefined : { kind: 'address', ip, side };
}

/** The family of a header. */
export function ipWord(value: unknown): IpWord | undefined {
  return value === 'ip' || value === 'ip6' ? value : undefined;
}

function sideOf(value: unknown): Side | undefined {
  return value === 'saddr' || value === 'daddr' ? value : undefined;
}
