/** The result of a command as one JSON document, for scripts. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Family } from '../../net/ip.js';

/** One printed ruleset. */
export interface RuleDocument {
  readonly family: Family;
  readonly text: string;
}

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
