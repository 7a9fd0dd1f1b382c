/** One diagnostic as one line of text, for error messages and for people at a terminal. */

import type { Diagnostic } from './diagnostics.js';

/**
 * `file:line:column: Kind namespace/name: field: value: message`, each part only where it is
 * known. A value that the message quotes itself is not repeated.
 */
export function diagnosticText(diagnostic: Diagnostic): string {
  const { position, object, field, value, message } = diagnostic;
  const parts: string[] = [];
  if (position !== undefined) parts.push(`${position.file}:${position.line}:${position.column}`);
  if (object !== undefined) {
    const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
    parts.push(`${object.kind} ${printable(name)}`);
  }
  if (field !== undefined && !message.startsWith(field)) parts.push(printable(field));
  if (value !== undefined && !message.includes(value)) parts.push(value);
  return [...parts, printable(message)].join(': ');
}

/** Names come from untrusted input: a terminal must not obey them. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => {
    return `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
