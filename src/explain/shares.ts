/** The part of the connections of each kind of client that an endpoint gets. */

import { isChosen } from '../model/topology.js';
import type { EndpointVerdict } from '../model/verdicts.js';
import { ALL, type Fraction, fraction, NONE } from '../netfilter/fraction.js';
import type { Decision } from './expected.js';
import type { ExplainedPort } from './service.js';

/** What an endpoint gets of the connections that a decision is about: all of a pool get as much. */
export function shareOf(
  verdict: EndpointVerdict,
  decision: Decision,
  { port }: ExplainedPort,
): Fraction {
  if (decision.kind === 'outcome') return NONE;
  const reason = verdict[decision.pool];
  const isIn = reason !== 'duplicate' && isChosen(reason);
  return isIn ? eachOf(port.pools[decision.pool].length) : NONE;
}

/** What each of so many endpoints gets. */
export function eachOf(count: number): Fraction {
  return count <= 1 ? ALL : fraction(1n, BigInt(count));
}

/** Whether an endpoint gets traffic of any client. */
export function isUsed({ cluster, local }: EndpointVerdict): boolean {
  return [cluster, local].some((reason) => reason !== 'duplicate' && isChosen(reason));
}
