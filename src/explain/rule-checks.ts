/** Checks what rules do with a packet to a Service against what the Service says. */

import { joinHostPort } from '../net/ip.js';
import { answer, type Check, counted, listed } from './checks.js';
import type { Client, ServiceAddress } from './clients.js';
import { DROPPED, REFUSED } from './expected.js';
import type { ExplainedPort } from './service.js';
import { isDecided, type Trace, type TraceOutcome } from './trace.js';
import { outcomeText, packetText } from './trace-text.js';

/** Who sends a packet, where to, and what rules do with it. */
export interface FollowedPacket {
  readonly explained: ExplainedPort;
  readonly address: ServiceAddress;
  readonly client: Client;
  readonly found: Trace;
}

/** Whether rules do with the packet what the Service says; `next` shows every rule. */
export function packetCheck(
  { explained, address, client, found }: FollowedPacket,
  next: string,
): Check {
  const decision = address.clients[client];
  const who = `a packet of ${client === 'outside' ? 'a client outside' : `a ${client}`} (${packetText(found.packet)})`;
  if (!isDecided(found))
    return answer(
      'rules',
      'unknown',
      `${who}: not every rule is understood: ${listed(found.unknown)}`,
      next,
    );
  const ends = found.outcomes.map((outcome) => outcomeText(outcome, found.packet));
  if (decision.kind === 'outcome') {
    const wanted =
      decision.outcome === DROPPED ? 'drop' : decision.outcome === REFUSED ? 'reject' : 'accept';
    const isKept = found.outcomes.every(({ ending, dnat }) => ending.kind === wanted && !dnat);
    return isKept
      ? answer('rules', 'ok', `${who} is ${listed(ends)}, as it has to be`)
      : answer('rules', 'problem', `${who} is not ${WORDS[wanted]}, but: ${listed(ends)}`, next);
  }
  const pool = new Set(explained.port.pools[decision.pool].map(({ target }) => target));
  const reached = new Set(found.outcomes.map(targetOf).filter((target) => pool.has(target)));
  const strays = found.outcomes.filter((outcome) => !pool.has(targetOf(outcome)));
  const count = `reaches ${reached.size} of ${counted(pool.size, 'endpoint')}`;
  if (strays.length === 0 && reached.size === pool.size)
    return answer('rules', 'ok', `${who} ${count}`);
  const lost = [...pool].filter((target) => !reached.has(target));
  const parts = [
    count,
    ...(lost.length === 0 ? [] : [`not ${listed(lost)}`]),
    ...(strays.length === 0
      ? []
      : [`it is ${listed(strays.map((outcome) => outcomeText(outcome, found.packet)))}`]),
  ];
  return answer('rules', 'problem', `${who} ${parts.join('; ')}`, next);
}

const WORDS = { drop: 'dropped', reject: 'refused', accept: 'let alone' } as const;

/** Where an outcome delivers the packet; `''`: to no endpoint. */
function targetOf({ ending, dnat }: TraceOutcome): string {
  return ending.kind === 'accept' && dnat !== undefined ? joinHostPort(dnat.ip, dnat.port) : '';
}
