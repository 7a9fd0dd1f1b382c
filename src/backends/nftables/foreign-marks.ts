/** Values that marks are set to: bits of the mark of the packet and of its connection. */

import { listOf, objectOf, onlyEntry } from './syntax/json-values.js';

/** (mark of the packet & packet) ^ (mark of its connection & connection) ^ value. */
export interface MarkTerm {
  readonly packet: number;
  readonly connection: number;
  readonly value: number;
}

const ALL_BITS = 0xffffffff;

/** The term that an expression of nft is; `undefined`: none. */
export function markTerm(expression: unknown): MarkTerm | undefined {
  if (typeof expression === 'number') return { packet: 0, connection: 0, value: expression };
  const [kind, content] = onlyEntry(expression) ?? [];
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
