/** One diagnostic as one line of text, for error messages and for people at a terminal. */

import type { Diagnostic } from './diagnostics.js';
import { printable } from './printable.js';

/**
 * `file:line:column: Kind namespace/name: field: value: message`, each part only where it is
 * known. What the message names itself is not repeated.
 */
export function diagnosticText(diagnostic: Diagnostic): string {
  const { position, message } = diagnostic;
  const place =
    position === undefined ? [] : [`${position.file}:${position.line}:${position.column}`];
  const subject = [objectText(diagnostic.object), diagnostic.field, diagnostic.value];
  const missing = subject.flatMap((part) =>
    part === undefined || message.includes(part) ? [] : part,
  );
  return [...place, ...missing, message].map(printable).join(': ');
}

function objectText(object: Diagnostic['object']): string | undefined {
  if (object === undefined) return undefined;
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  return `${object.kind} ${name}`;
}
