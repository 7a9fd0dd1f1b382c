/** One diagnostic as one line of text, for error messages and for people at a terminal. */

import type { Diagnostic, ObjectRef, Position } from './diagnostics.js';
import { printable } from './printable.js';

/**
 * `file:line:column: Kind namespace/name: field: value: message`, each part only where it is
 * known. What the message names itself is not repeated.
 */
export function diagnosticText(diagnostic: Diagnostic): string {
  const { position } = diagnostic;
  const place = position === undefined ? [] : [positionText(position)];
  return [...place, ...sentenceParts(diagnostic)].map(printable).join(': ');
}

/** `Kind namespace/name`, field, value and message, without what the message names itself. */
export function sentenceParts({ object, field, value, message }: Diagnostic): readonly string[] {
  const subject = [objectText(object), field, value];
  const missing = subject.flatMap((part) =>
    part === undefined || message.includes(part) ? [] : part,
  );
  return [...missing, message];
}

/** `file:line:column`. */
export function positionText({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

function objectText(object: Diagnostic['object']): string | undefined {
  return object && `${object.kind} ${objectKey(object)}`;
}

/** `namespace/name`, or the name of what is in no namespace. */
export function objectKey({ namespace, name }: Pick<ObjectRef, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
