/** What statements do that no rule of ours has. */

import { parseIp } from '../../net/ip.js';
import type { Action, Statement, Verdict } from '../../netfilter/rule.js';
import { elementText, type ForeignField, foreignFields } from './foreign-fields.js';
import { contentOf, listOf, objectOf, onlyEntry } from './syntax/json-values.js';

/** The meaning of a statement of a kind, in a table; `undefined`: not understood. */
export function foreignAction(
  kind: string,
  content: unknown,
  text: string,
  table: string,
): readonly Statement[] | undefined {
  if (PASSIVE.has(kind)) return [{ kind: 'count', name: '' }];
  switch (kind) {
    case 'notrack':
      return [{ kind: 'untrack' }];
    case 'mangle':
      return writes(content, text);
    case 'vmap':
      return branches(content, table);
    case 'masquerade':
      return [masquerade(content)];
    case 'snat':
      return sourceTranslation(content);
    case 'dnat':
      return translation(content);
    case 'redirect':
      return redirect(content, text);
    case 'set':
    case 'map':
      return isPlainUpdate(content) ? [{ kind: 'count', name: '' }] : undefined;
    default:
      return ENDING.has(kind) ? [{ kind: 'unknown-action', text }] : undefined;
  }
}

/**
 * After which the next statement follows, and that change nothing that decides about a packet.
 * `comment`: one that a script could not hold.
 */
const PASSIVE: ReadonlySet<string> = new Set([
  ...['comment', 'continue', 'log', 'dup', 'flow', 'secmark'],
  ...['ct helper', 'ct timeout', 'ct expectation'],
]);

/** Actions that end a rule in a way that is not understood. */
const ENDING: ReadonlySet<string> = new Set(['queue', 'fwd', 'tproxy', 'synproxy']);

/** `meta mark set …`, `ct mark set …`; other keys that decide nothing. */
function writes(content: unknown, text: string): readonly Statement[] | undefined {
  const { key, value } = objectOf(content) ?? {};
  const { kind, content: inner } = onlyEntry(key);
  const name = objectOf(inner)?.key;
  if (kind === 'meta' && typeof name === 'string' && QUIET.has(name))
    return [{ kind: 'count', name: '' }];
  if (kind === 'tcp option' || (kind === 'payload' && isQuietHeader(inner)))
    return [{ kind: 'unknown-condition', text }];
  if (name !== 'mark' || (kind !== 'meta' && kind !== 'ct')) return undefined;
  const term = markTerm(value);
  if (term === undefined) return undefined;
  const of = kind === 'meta' ? 'packet' : 'connection';
  return [...readable(term), { kind: 'write-mark', of, ...term }];
}

const QUIET: ReadonlySet<string> = new Set(['nftrace', 'priority', 'secmark']);

/** `ip dscp`. A packet without such a header, or without a TCP option, ends the rule. */
function isQuietHeader(payload: unknown): boolean {
  const { protocol, field } = objectOf(payload) ?? {};
  const isIp = protocol === 'ip' || protocol === 'ip6';
  return isIp && typeof field === 'string' && QUIET_HEADERS.has(field);
}

const QUIET_HEADERS: ReadonlySet<string> = new Set(['dscp', 'ecn', 'flowlabel']);

/** A packet of no connection has no mark of one, which ends the rule. */
function readable({ connection }: MarkTerm): readonly Statement[] {
  const states = ['new', 'established', 'related'];
  return connection === 0 ? [] : [{ kind: 'conntrack', not: false, states }];
}

/** (mark of the packet & packet) ^ (mark of its connection & connection) ^ value. */
interface MarkTerm {
  readonly packet: number;
  readonly connection: number;
  readonly value: number;
}

const ALL_BITS = 0xffffffff;

/** The term that an expression of nft is; `undefined`: none. */
function markTerm(expression: unknown): MarkTerm | undefined {
  if (typeof expression === 'number') return { packet: 0, connection: 0, value: expression };
  const { kind, content } = onlyEntry(expression);
  if (kind === 'meta' || kind === 'ct') {
    if (objectOf(content)?.key !== 'mark') return undefined;
    return kind === 'meta'
      ? { packet: ALL_BITS, connection: 0, value: 0 }
      : { packet: 0, connection: ALL_BITS, value: 0 };
  }
  const [first, ...others] = listOf(content) ?? [];
  const start = markTerm(first);
  if (kind === undefined || start === undefined || others.length === 0) return undefined;
  return others.reduce<MarkTerm | undefined>(
    (term, bits) => (term && typeof bits === 'number' ? combined(kind, term, bits) : undefined),
    start,
  );
}

function combined(kind: string, term: MarkTerm, bits: number): MarkTerm | undefined {
  switch (kind) {
    case '&':
      return masked(term, bits);
    case '|': {
      const kept = masked(term, ~bits);
      return { ...kept, value: (kept.value | bits) >>> 0 };
    }
    case '^':
      return { ...term, value: (term.value ^ bits) >>> 0 };
    default:
      return undefined;
  }
}

function masked({ packet, connection, value }: MarkTerm, bits: number): MarkTerm {
  return {
    packet: (packet & bits) >>> 0,
    connection: (connection & bits) >>> 0,
    value: (value & bits) >>> 0,
  };
}

/** A map that stands in the rule, or a named one. */
function branches(content: unknown, table: string): readonly Statement[] | undefined {
  const { key, data } = objectOf(content) ?? {};
  const fields = foreignFields(key, table);
  if (fields === undefined) return undefined;
  const needs = fields.flatMap((field) => field.needs);
  const names = fields.map(({ field }) => field);
  if (typeof data === 'string' && data.startsWith('@'))
    return [...needs, { kind: 'lookup', map: data.slice(1), key: names }];
  const cases = listOf(contentOf(data, 'set'))?.map((member) => caseOf(member, fields));
  const known = cases?.filter((found) => found !== undefined);
  if (known === undefined || known.length !== cases?.length) return undefined;
  return [...needs, { kind: 'branch', key: names, cases: known }];
}

function caseOf(
  member: unknown,
  fields: readonly ForeignField[],
): readonly [string, Verdict] | undefined {
  const [key, value, ...others] = listOf(member) ?? [];
  const text = elementText(key, fields);
  const verdict = verdictOf(value);
  return text === undefined || verdict === undefined || others.length > 0
    ? undefined
    : [text, verdict];
}

function verdictOf(value: unknown): Verdict | undefined {
  const { kind, content } = onlyEntry(value);
  if (kind === 'accept' || kind === 'drop' || kind === 'return') return { kind };
  const { target } = objectOf(content) ?? {};
  return (kind === 'jump' || kind === 'goto') && typeof target === 'string'
    ? { kind, chain: target }
    : undefined;
}

function masquerade(content: unknown): Action {
  const { port } = objectOf(content) ?? {};
  const ports = port === undefined ? {} : { ports: JSON.stringify(port) };
  return { kind: 'masquerade', fullyRandom: isFullyRandom(content), ...ports };
}

function sourceTranslation(content: unknown): readonly Action[] | undefined {
  const { addr } = objectOf(content) ?? {};
  const ip = typeof addr === 'string' ? parseIp(addr) : undefined;
  return ip && [{ kind: 'snat', ip, fullyRandom: isFullyRandom(content) }];
}

/** Whether the flags of a translation have the kernel draw ports, which either does alike. */
function isFullyRandom(content: unknown): boolean {
  const { flags } = objectOf(content) ?? {};
  return (listOf(flags) ?? [flags]).some((flag) => flag === 'random' || flag === 'fully-random');
}

/** To one port, or without changing it. */
function redirect(content: unknown, text: string): readonly Action[] {
  const { port = 0 } = objectOf(content) ?? {};
  return typeof port === 'number'
    ? [{ kind: 'redirect', port, text }]
    : [{ kind: 'unknown-action', text }];
}

/** To one address, whose port may stay. */
function translation(content: unknown): readonly Action[] | undefined {
  const { addr, port = 0 } = objectOf(content) ?? {};
  const ip = typeof addr === 'string' ? parseIp(addr) : undefined;
  return ip === undefined || typeof port !== 'number' ? undefined : [{ kind: 'dnat', ip, port }];
}

/** Whether an element is put into a set, and nothing depends on it: `limit` would. */
function isPlainUpdate(content: unknown): boolean {
  const { op, stmt } = objectOf(content) ?? {};
  return (op === 'add' || op === 'update' || op === 'delete') && stmt === undefined;
}
