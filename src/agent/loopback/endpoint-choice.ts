/** Which endpoint the next connection to a node port on a loopback address gets. */

import type { Clock } from '../../host/clock.js';
import type { LoopbackPort } from '../../model/loopback.js';
import type { Endpoint } from '../../model/types.js';

/** The endpoint that all clients keep, as they share their address. */
interface Kept {
  readonly target: string;
  /** When the last connection got it, on the monotonic clock. */
  readonly usedAt: number;
  readonly seconds: number;
}

/**
 * As kube-proxy chooses: by chance, and with session affinity the endpoint of the last connection,
 * unless that is longer ago than the timeout. With another timeout it starts again.
 */
export class EndpointChoice {
  readonly #clock: Pick<Clock, 'now' | 'random'>;
  #kept: Kept | undefined;

  constructor(clock: Pick<Clock, 'now' | 'random'>) {
    this.#clock = clock;
  }

  /** One of the endpoints; `undefined` only where there is none. */
  next({ endpoints, affinitySeconds: seconds }: LoopbackPort): Endpoint | undefined {
    const usedAt = this.#clock.now();
    const endpoint =
      endpoints.find(({ target }) => target === this.#keptTarget(seconds, usedAt)) ??
      endpoints[Math.floor(this.#clock.random() * endpoints.length)];
    if (endpoint !== undefined) this.#kept = { target: endpoint.target, usedAt, seconds };
    return endpoint;
  }

  #keptTarget(seconds: number, now: number): string | undefined {
    const kept = this.#kept;
    if (kept === undefined || seconds === 0 || kept.seconds !== seconds) return undefined;
    return now - kept.usedAt <= seconds * 1000 ? kept.target : undefined;
  }
}
