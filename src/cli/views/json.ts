/** The result of a command as one JSON document, for scripts. */

import type { Diagnostic } from '../../diagnostics.js';
import type { RuleDocument } from '../../ruleset/types.js';

/** `{"rules": {"ipv4": text, "ipv6": text}, "diagnostics": [...]}`; a family that was not asked for is absent. */
export function compiledJson(
  documents: readonly RuleDocument[],
  diagnostics: readonly Diagnostic[],
): string {
  const rules = Object.fromEntries(
    documents.map(({ family, text }) => [family.toLowerCase(), text]),
  );
  return `${JSON.stringify({ rules, diagnostics }, null, 2)}\n`;
}
