/** What comparisons mean that no rule of ours has. */

import type { AddressField, Condition } from '../../netfilter/rule.js';
import {
  elementTexts,
  type ForeignField,
  foreignFields,
  isFamily,
  isProtocol,
} from './foreign-fields.js';
import { contentOf, listOf, objectOf, wordsOf } from './syntax/json-values.js';

type Operator = '==' | '!=' | 'in' | '<' | '>' | '<=' | '>=';

interface Comparison {
  readonly op: Operator;
  readonly not: boolean;
  readonly left: unknown;
  readonly right: unknown;
  readonly table: string;
}

/** The conditions of the content of a `match` in a table; `undefined`: not understood. */
export function foreignMatch(content: unknown, table: string): readonly Condition[] | undefined {
  const { op, left, right } = objectOf(content) ?? {};
  if (!isOperator(op)) return undefined;
  const comparison = { op, not: op === '!=', left, right, table };
  for (const read of READERS) {
    const found = read(comparison);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isOperator(op: unknown): op is Operator {
  return typeof op === 'string' && /^(?:==|!=|in|<=?|>=?)$/.test(op);
}

const READERS: readonly ((comparison: Comparison) => readonly Condition[] | undefined)[] = [
  familyMatch,
  markMatch,
  connectionMatch,
  flagsMatch,
  typeMatch,
  messageMatch,
  socketMatch,
  fieldMatch,
];

/** `meta nfproto ipv4`, `meta protocol ip6`. */
function familyMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const key = objectOf(contentOf(left, 'meta'))?.key;
  if ((key !== 'nfproto' && key !== 'protocol') || (op !== '==' && op !== '!=')) return undefined;
  const isSix = right === 'ipv6' || right === 'ip6';
  if (!isSix && right !== 'ipv4' && right !== 'ip') return undefined;
  return [isFamily(isSix === not ? 'ip' : 'ip6')];
}

/** `meta mark 1`, `ct mark & 0xff00 != 0`. */
function markMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const [whole = left, bits = 0xffffffff] = listOf(contentOf(left, '&')) ?? [];
  const mask = typeof bits === 'number' ? bits : undefined;
  if ((op !== '==' && op !== '!=') || typeof right !== 'number' || mask === undefined)
    return undefined;
  const test = { not, value: right, mask };
  if (objectOf(contentOf(whole, 'meta'))?.key === 'mark') return [{ kind: 'mark', ...test }];
  return objectOf(contentOf(whole, 'ct'))?.key === 'mark'
    ? [{ kind: 'connection-mark', ...test }]
    : undefined;
}

/**
 * `ct state != { new, invalid }`, `ct status dnat`. A packet of no connection has no status. `ct
 * state != new,invalid`, without braces, compares with both bits at once: no packet has two states.
 */
function connectionMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const key = objectOf(contentOf(left, 'ct'))?.key;
  const set = contentOf(right, 'set');
  const states = wordsOf(set ?? right);
  if (states === undefined || (op !== '==' && op !== '!=' && op !== 'in')) return undefined;
  const isBoth = set === undefined && op !== 'in' && states.length > 1;
  if (key === 'state') return [{ kind: 'conntrack', not, states: isBoth ? [] : states }];
  if (key !== 'status') return undefined;
  return op === 'in' ? [{ kind: 'conntrack', not, states }] : wholeStatus(not, states);
}

/**
 * `ct status != dnat` compares all bits. Of a translated connection they tell that it was done,
 * too, so that `dnat` and `snat` are never all of them.
 */
function wholeStatus(not: boolean, words: readonly string[]): readonly Condition[] | undefined {
  if (!words.every((word) => word === 'dnat' || word === 'snat')) return undefined;
  const states = not ? ['new', 'established', 'related'] : [];
  return [{ kind: 'conntrack', not: false, states }];
}

/** `tcp flags syn / fin,syn,rst,ack`: of the second ones the first ones alone. */
function flagsMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const [flags = left, mask = ALL_FLAGS] = listOf(contentOf(left, '&')) ?? [];
  const { protocol, field } = objectOf(contentOf(flags, 'payload')) ?? {};
  if (protocol !== 'tcp' || field !== 'flags') return undefined;
  const among = flagWords(mask);
  const set = right === 0 ? [] : flagWords(right);
  if (among === undefined || set === undefined) return undefined;
  if (op === '==' || op === '!=')
    return [isProtocol('tcp'), { kind: 'tcp-flags', not, among, set }];
  // Any of them is set: it is not so that none of them is.
  return op === 'in'
    ? [isProtocol('tcp'), { kind: 'tcp-flags', not: true, among: set, set: [] }]
    : undefined;
}

const ALL_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ecn', 'cwr'];

function flagWords(value: unknown): readonly string[] | undefined {
  const words = wordsOf(contentOf(value, '|') ?? value);
  if (words !== undefined) return words;
  const nested = listOf(contentOf(value, '|'))?.map(flagWords);
  return nested === undefined || nested.includes(undefined)
    ? undefined
    : nested.flatMap((flags) => flags ?? []);
}

/** `fib daddr type { local, multicast }`. */
function typeMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const { result, flags } = objectOf(contentOf(left, 'fib')) ?? {};
  const [field, ...others] = wordsOf(flags) ?? [];
  const types = wordsOf(contentOf(right, 'set') ?? right);
  if (result !== 'type' || others.length > 0 || types === undefined) return undefined;
  if ((field !== 'saddr' && field !== 'daddr') || (op !== '==' && op !== '!=')) return undefined;
  return [{ kind: 'address-type', field: field satisfies AddressField, not, types }];
}

/** `icmp type echo-request`: nothing but ICMP has a type. */
function messageMatch({ op, not, left, right }: Comparison): readonly Condition[] | undefined {
  const { protocol, field } = objectOf(contentOf(left, 'payload')) ?? {};
  const name = protocol === 'icmp' ? 'icmp' : protocol === 'icmpv6' ? 'ipv6-icmp' : undefined;
  if (name === undefined) return undefined;
  const operator = not || op === '==' ? '' : `${op} `;
  const text = `${String(protocol)} ${String(field)} ${operator}${JSON.stringify(right)}`;
  return [isProtocol(name), { kind: 'unknown-condition', text, not }];
}

/** `meta skuid 0`: a packet without a socket has none, and meets the opposite neither. */
function socketMatch({ op, left, right }: Comparison): readonly Condition[] | undefined {
  const key = objectOf(contentOf(left, 'meta'))?.key;
  if (key !== 'skuid' && key !== 'skgid') return undefined;
  const text = `meta ${key} ${op} ${JSON.stringify(right)}`;
  return [{ kind: 'socket', without: false, text }];
}

/** Any other field, alone or joined with others. */
function fieldMatch(comparison: Comparison): readonly Condition[] | undefined {
  const { not, left, right, table } = comparison;
  const fields = foreignFields(left, table);
  if (fields === undefined) return undefined;
  const key = fields.map(({ field }) => field);
  const needs = fields.flatMap((field) => field.needs);
  if (typeof right === 'string' && right.startsWith('@'))
    return [...needs, { kind: 'in-set', not, set: right.slice(1), key }];
  const elements = orderedTexts(comparison, fields);
  return elements && [...needs, { kind: 'one-of', not, key, elements }];
}

/** The values that a comparison allows; `<` and the like compare ports. */
function orderedTexts(
  { op, right }: Comparison,
  fields: readonly ForeignField[],
): readonly string[] | undefined {
  if (op === '==' || op === '!=' || op === 'in') return elementTexts(right, fields);
  const [first, ...others] = fields;
  const isPort = first?.field === 'sport' || first?.field === 'dport';
  if (!isPort || others.length > 0 || typeof right !== 'number') return undefined;
  const from = op === '>' ? right + 1 : op === '>=' ? right : 0;
  const to = op === '<' ? right - 1 : op === '<=' ? right : MOST;
  return from > to ? undefined : [`${from}-${to}`];
}

const MOST = 65_535;
