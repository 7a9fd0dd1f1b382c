/**
 * Answers of the health server: kube-proxy's `/healthz` and `/livez`, and `/readyz`, which also
 * reports failures that kube-proxy does not.
 */

import type { Clock } from '../../host/clock.js';
import { type Answerer, type HttpResponse, jsonAnswer, NOT_FOUND, timestamp } from './answer.js';
import type { HealthState, ProxyHealth } from './proxy-health.js';

/** The probes that are counted, as kube-proxy counts them. */
export type Probe = 'healthz' | 'livez';

export interface HealthServerOptions {
  readonly health: ProxyHealth;
  readonly clock: Clock;
  /** Called for each answer to a probe. */
  readonly answered: (probe: Probe, status: number) => void;
}

/**
 * The answerer of port 10256. `/healthz` is for load balancers: 503 also where the Node is missing,
 * being deleted or about to be scaled away. `/livez` looks at the rules alone, `/readyz` at
 * everything.
 */
export function healthServer({ health, clock, answered }: HealthServerOptions): Answerer {
  const probe = (name: Probe): HttpResponse => {
    const answer =
      name === 'healthz' ? healthz(health.state(), clock) : livez(health.state(), clock);
    answered(name, answer.status);
    return answer;
  };
  return ({ path }) => {
    if (path === '/healthz') return probe('healthz');
    if (path === '/livez') return probe('livez');
    return path === '/readyz' ? readyz(health) : NOT_FOUND;
  };
}

function healthz(state: HealthState, clock: Clock): HttpResponse {
  const { nodeEligible, healthy } = state;
  const isGood = healthy && nodeEligible;
  return answerOf({ ...times(state, isGood, clock), nodeEligible, ...families(state) }, isGood);
}

function livez(state: HealthState, clock: Clock): HttpResponse {
  return answerOf({ ...times(state, state.healthy, clock), ...families(state) }, state.healthy);
}

/** A healthy family is up to date now. `currentTime` is read first. */
function times({ lastUpdated }: HealthState, isGood: boolean, clock: Clock): object {
  const currentTime = timestamp(clock.wall());
  return { lastUpdated: timestamp(isGood ? clock.wall() : lastUpdated), currentTime };
}

function families({ healthy, status }: HealthState): object {
  const ordered = [...status].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    healthy,
    status: Object.fromEntries(
      ordered.map(([family, one]) => [
        family,
        { lastUpdated: timestamp(one.lastUpdated), healthy: one.healthy },
      ]),
    ),
  };
}

function readyz(health: ProxyHealth): HttpResponse {
  const readiness = health.readiness();
  return answerOf(readiness, readiness.ready);
}

function answerOf(body: object, isGood: boolean): HttpResponse {
  return jsonAnswer(JSON.stringify(body), isGood ? 200 : 503);
}
