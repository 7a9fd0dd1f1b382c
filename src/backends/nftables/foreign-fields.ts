/** Fields of packets that rules of others look at, and the values that they compare them with. */

import type { Cidr } from '../../net/cidr.js';
import type { Condition, KeyField } from '../../netfilter/rule.js';
import { contentOf, listOf, objectOf, onlyEntry } from './syntax/json-values.js';
import { protocolName } from './syntax/values.js';

/** A field, and what a packet must be to have it. */
export interface ForeignField {
  readonly field: KeyField;
  readonly needs: readonly Condition[];
}

const ALL: Readonly<Record<'ip' | 'ip6', Cidr>> = {
  ip: '0.0.0.0/0' as Cidr,
  ip6: '::/0' as Cidr,
};

/** Packets of a family: those of the other one have no such address. */
export function isFamily(ip: 'ip' | 'ip6'): Condition {
  return { kind: 'address', field: 'saddr', not: false, networks: [ALL[ip]] };
}

/** Packets of a protocol. */
export function isProtocol(protocol: string): Condition {
  return { kind: 'protocol', not: false, protocols: [protocol] };
}

/** What stands left of a comparison, or is the key of a set, in a table; several where joined. */
export function foreignFields(
  expression: unknown,
  table: string,
): readonly ForeignField[] | undefined {
  const fields = (listOf(contentOf(expression, 'concat')) ?? [expression]).map((part) =>
    foreignField(part, table),
  );
  const known = fields.filter((field) => field !== undefined);
  return known.length < fields.length ? undefined : known;
}

function foreignField(expression: unknown, table: string): ForeignField | undefined {
  const { kind, content } = onlyEntry(expression);
  const { protocol, field, key } = objectOf(content) ?? {};
  switch (kind) {
    case 'payload':
      return payloadField(String(protocol), String(field), table);
    case 'meta':
      return metaField(String(key));
    case 'ct':
      return key === 'state' ? { field: 'state', needs: [] } : undefined;
    default:
      return undefined;
  }
}

function payloadField(protocol: string, field: string, table: string): ForeignField | undefined {
  if (protocol === 'ip' || protocol === 'ip6') {
    // A table of one family meets no others.
    const needs = table.startsWith(`${protocol} `) ? [] : [isFamily(protocol)];
    if (field === 'saddr' || field === 'daddr') return { field, needs };
    return field === 'protocol' || field === 'nexthdr' ? { field: 'protocol', needs } : undefined;
  }
  if (field !== 'sport' && field !== 'dport') return undefined;
  if (protocol === 'th') return { field, needs: [] };
  return PORTED.has(protocol) ? { field, needs: [isProtocol(protocol)] } : undefined;
}

const PORTED: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite']);

function metaField(key: string): ForeignField | undefined {
  switch (key) {
    case 'iifname':
    case 'iif':
      return { field: 'iif', needs: [] };
    case 'oifname':
    case 'oif':
      return { field: 'oif', needs: [] };
    case 'l4proto':
      return { field: 'protocol', needs: [] };
    default:
      return undefined;
  }
}

/**
 * The elements of a set that stands in a rule, or the one value that a field is compared with, as
 * those of a named set are written. `undefined`: not understood.
 */
export function elementTexts(
  value: unknown,
  fields: readonly ForeignField[],
): readonly string[] | undefined {
  const members = listOf(contentOf(value, 'set')) ?? listOf(value) ?? [value];
  const texts = members.map((member) => elementText(member, fields));
  const known = texts.filter((text) => text !== undefined);
  return known.length < texts.length || known.length === 0 ? undefined : known;
}

/** One element; a counter that it may have means nothing. */
export function elementText(member: unknown, fields: readonly ForeignField[]): string | undefined {
  const value = objectOf(contentOf(member, 'elem'))?.val ?? member;
  const parts = listOf(contentOf(value, 'concat')) ?? [value];
  if (parts.length !== fields.length) return undefined;
  const texts = fields.map(({ field }, i) => valueText(parts[i], field));
  return texts.includes(undefined) ? undefined : texts.join(' . ');
}

function valueText(value: unknown, field: KeyField): string | undefined {
  const { addr, len } = objectOf(contentOf(value, 'prefix')) ?? {};
  if (typeof addr === 'string' && typeof len === 'number') return `${addr}/${len}`;
  const range = listOf(contentOf(value, 'range'));
  if (range?.length === 2) {
    const [from, to] = range.map((end) => plain(end));
    return from === undefined || to === undefined ? undefined : `${from}-${to}`;
  }
  const text = plain(value);
  return field === 'protocol' && text !== undefined ? protocolName(text) : text;
}

function plain(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
