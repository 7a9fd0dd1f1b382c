/**
 * What statements mean that no rule of ours has: nft lists them as JSON, which tells whether one is
 * a condition (libnftables-json(5)).
 */

import type { Statement } from '../../netfilter/rule.js';
import { contentOf, listOf, objectOf, onlyEntry } from './syntax/json-values.js';

/**
 * The meaning of a statement that the grammar does not know. Ports are understood, `log` does
 * nothing to a packet, `limit` and any other comparison are conditions and do nothing either.
 * Everything else may be a condition, an action or both.
 */
export function foreignStatements(text: string): readonly Statement[] {
  const [kind, content] = onlyEntry(jsonOf(text)) ?? [];
  if (kind === 'log') return [{ kind: 'count', name: '' }];
  if (kind === 'match') return portStatements(content) ?? [{ kind: 'unknown-condition', text }];
  if (kind === 'limit') return [{ kind: 'unknown-condition', text }];
  return [
    { kind: 'unknown-condition', text },
    { kind: 'unknown-action', text },
  ];
}

/** What `unknownText` wrote; a script has words where a listing has JSON. */
function jsonOf(text: string): unknown {
  if (!text.startsWith(JSON_TEXT)) return undefined;
  try {
    return JSON.parse(text.slice(JSON_TEXT.length));
  } catch {
    return undefined;
  }
}

const JSON_TEXT = 'json ';

/** `tcp dport 22`, `udp sport 1024-65535`; `undefined` for anything else. */
function portStatements(content: unknown): readonly Statement[] | undefined {
  const { op, left, right } = objectOf(content) ?? {};
  const { protocol, field } = objectOf(contentOf(left, 'payload')) ?? {};
  const range = rangeOf(right);
  if (op !== '==' && op !== '!=') return undefined;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return undefined;
  if ((field !== 'sport' && field !== 'dport') || range === undefined) return undefined;
  const [from, to] = range;
  return [
    { kind: 'protocol', not: false, protocol },
    { kind: 'port', field, not: op === '!=', from, to },
  ];
}

/** One number, or both ends of a range. */
function rangeOf(value: unknown): readonly [number, number] | undefined {
  const [from, to, ...more] = listOf(contentOf(value, 'range')) ?? [value, value];
  return typeof from === 'number' && typeof to === 'number' && more.length === 0
    ? [from, to]
    : undefined;
}
