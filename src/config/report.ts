/** Gives the findings of a configuration file their places, as diagnostics or as the ConfigError that ends the command. */

import { diagnosticText } from '../diagnostic-text.js';
import { type Diagnostic, showValue } from '../diagnostics.js';
import { ConfigError } from '../errors.js';
import type { ConfigDocument } from './config-map.js';
import { type Finding, fieldName } from './shape.js';

/** The diagnostic of a finding, with the place of its field in the file. */
export function placedDiagnostic(document: ConfigDocument, found: Finding): Diagnostic {
  const position = document.position(found.path, found.atKey ? 'key' : 'value');
  return {
    code: found.code,
    severity: found.severity,
    message: found.message,
    ...(found.path.length === 0 ? {} : { field: fieldName(found.path) }),
    ...(found.value === undefined ? {} : { value: showValue(found.value) }),
    ...(found.hint === undefined ? {} : { hint: found.hint }),
    ...(position === undefined ? {} : { position }),
  };
}

/** Throws the ConfigError that names every finding, one line each: `file:line:column: sentence`. */
export function refuse(document: ConfigDocument, findings: readonly Finding[]): never {
  const diagnostics = findings
    .map((found) => placedDiagnostic(document, found))
    .toSorted((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0));
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const lines = errors.map(diagnosticText);
  const hint = errors.find((diagnostic) => diagnostic.hint !== undefined)?.hint;
  throw new ConfigError(
    lines.join('\n'),
    hint === undefined ? { diagnostics } : { hint, diagnostics },
  );
}
