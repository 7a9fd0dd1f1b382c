/** What becomes of a packet, for scripts; {@link traceText} is for people. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Coverage } from '../../explain/coverage.js';
import { isDecided, type Trace } from '../../explain/trace.js';
import { endText } from '../../explain/trace-text.js';
import { inetNtop, joinHostPort } from '../../net/ip.js';
import { fractionText } from '../../netfilter/fraction.js';
import { jsonDocument } from './json-document.js';

/**
 * `{"rules", "decided", "packet", "outcomes": [{"kind", "hook", "endpoint", "masquerade",
 * "untranslated", "least", "most", "path"}], "unknown", "open", "met", "coverage",
 * "diagnostics"}`. Shares are exact: `"1/3"`.
 */
export function traceJson(
  found: Trace,
  rules: string,
  diagnostics: readonly Diagnostic[],
  coverage?: Coverage,
): string {
  const { packet, outcomes, unknown, open, met } = found;
  return jsonDocument('Trace', {
    rules,
    decided: isDecided(found),
    packet: { ...packet, inInterface: packet.inInterface ?? '' },
    outcomes: outcomes.map(
      ({ ending, hook, dnat, masquerade, untranslated, least, most, path }) => ({
        ...ending,
        hook,
        endpoint: dnat === undefined ? '' : joinHostPort(inetNtop(dnat.ip), dnat.port),
        masquerade,
        untranslated: untranslated === undefined ? '' : endText(untranslated),
        least: fractionText(least),
        most: fractionText(most),
        path,
      }),
    ),
    unknown,
    open,
    met: met.map(({ reason, ...step }) => ({ ...step, matched: reason === '', reason })),
    ...(coverage && { coverage }),
    diagnostics,
  });
}
