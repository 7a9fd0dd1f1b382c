/** Warnings about a listing whose rules are to be compared. */

import type { Diagnostic } from '../../diagnostics.js';
import { UnsupportedError } from '../../errors.js';
import type { Dump } from './syntax/dump-reader.js';

/** The remarks about a listing; `name` is what it is called. */
export function dumpRemarks(
  { unknownKeys = [], unreadKeys = [] }: Dump,
  name: string,
): readonly Diagnostic[] {
  const remarks: Diagnostic[] = [];
  if (unknownKeys.length > 0)
    remarks.push({
      code: 'unknown-rule-key',
      severity: 'note',
      message: `${name} prints parts of rules that this version of vipc does not know: ${named(unknownKeys)}; rules are compared without it`,
      hint: HINT,
    });
  if (unreadKeys.length > 0)
    remarks.push({
      code: 'unknown-rule-part',
      severity: 'warning',
      message: `${unreadWords(name, unreadKeys)}, and counts as different`,
      hint: HINT,
    });
  return remarks;
}

/**
 * Throws UnsupportedError where a listing cannot be compared: what differs because a later nft
 * prints more is no drift, and no sync would mend it.
 */
export function refuseUnread({ unreadKeys = [] }: Dump, name: string): void {
  if (unreadKeys.length > 0)
    throw new UnsupportedError(unreadWords(name, unreadKeys), { hint: HINT });
}

function unreadWords(name: string, keys: readonly string[]): string {
  return `${name} prints what this version of vipc does not know: ${named(keys)}; what has it cannot be compared`;
}

function named(keys: readonly string[]): string {
  const shown = keys.slice(0, MOST_NAMED).map((key) => JSON.stringify(key));
  const more = keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : '';
  return `${shown.join(', ')}${more}`;
}

const HINT = 'a later version of nft printed it: vipc reads those up to 1.1';

const MOST_NAMED = 5;
