/** What becomes of a packet. */

import { isDecided, type Trace } from '../../explain/trace.js';
import { endText, type TraceRemarks, traceText } from '../../explain/trace-text.js';
import { inetNtop, joinHostPort } from '../../net/ip.js';
import { fractionText } from '../../netfilter/fraction.js';
import type { View } from './view.js';

/**
 * As text, and as `{"rules", "decided", "packet", "outcomes": [{"kind", "hook", "endpoint",
 * "masquerade", "source", "untranslated", "least", "most", "path"}], "unknown", "open", "met",
 * "coverage", "listener"}`. Shares are exact: `"1/3"`.
 */
export function traceView(found: Trace, rules: string, remarks: TraceRemarks): View {
  return {
    text: () => traceText(found, rules, remarks),
    kind: 'Trace',
    content: () => traceContent(found, rules, remarks),
  };
}

function traceContent(found: Trace, rules: string, { coverage, listener }: TraceRemarks): object {
  const { packet, outcomes, unknown, open, met } = found;
  return {
    rules,
    decided: isDecided(found),
    packet: { ...packet, inInterface: packet.inInterface ?? '' },
    outcomes: outcomes.map(
      ({ ending, hook, dnat, masquerade, snat, untranslated, least, most, path }) => ({
        ...ending,
        hook,
        endpoint: dnat === undefined ? '' : joinHostPort(inetNtop(dnat.ip), dnat.port),
        masquerade,
        source: snat === undefined ? '' : inetNtop(snat),
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
    ...(listener && { listener }),
  };
}
