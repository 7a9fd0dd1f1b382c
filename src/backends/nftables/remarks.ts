/** Warnings about a listing whose rules are to be compared. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Dump } from './syntax/dump-reader.js';

/** The remarks about a listing; `name` is what it is called. */
export function dumpRemarks({ unknownKeys = [] }: Dump, name: string): readonly Diagnostic[] {
  if (unknownKeys.length === 0) return [];
  const keys = unknownKeys.slice(0, MOST_NAMED).map((key) => JSON.stringify(key));
  const more =
    unknownKeys.length > MOST_NAMED ? ` and ${unknownKeys.length - MOST_NAMED} more` : '';
  return [
    {
      code: 'unknown-rule-key',
      severity: 'note',
      message: `${name} prints parts of rules that this version of vipc does not know: ${keys.join(', ')}${more}; rules are compared without it`,
      hint: 'a later version of nft printed it: vipc knows those up to 1.1',
    },
  ];
}

const MOST_NAMED = 5;
