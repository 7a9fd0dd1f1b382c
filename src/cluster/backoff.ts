/** Exponential backoff between attempts to list and watch. */

import type { Clock } from '../host/clock.js';

/** Milliseconds before the first retry; doubled for each one after it. */
const FIRST = 800;
/** The longest wait before jitter, in milliseconds. */
const LONGEST = 30_000;
/** Up to this share of a wait is added at random, so that nodes do not reconnect all at once. */
const JITTER = 0.5;
/** The longest Retry-After that is honoured, in milliseconds. API servers ask for seconds. */
const LONGEST_ASKED = 60_000;

/** Milliseconds that a watch has to last for the backoff to be reset. */
export const HEALTHY = 30_000;

/**
 * Waits of 0.8 s to 30 s, plus up to half of that at random: at most 7 retries in the first minute,
 * then 2 a minute. It is reset only after {@link HEALTHY}, because a server that accepts watches
 * and drops them is not healthy.
 */
export class Backoff {
  readonly #clock: Pick<Clock, 'random'>;
  #failures = 0;

  constructor(clock: Pick<Clock, 'random'>) {
    this.#clock = clock;
  }

  /**
   * Milliseconds to wait after an attempt that lasted so many milliseconds; at least `retryAfter`,
   * up to a minute.
   */
  next(lasted: number, retryAfter = 0): number {
    if (lasted >= HEALTHY) this.#failures = 0;
    const least = Math.max(
      Math.min(FIRST * 2 ** this.#failures, LONGEST),
      Math.min(retryAfter, LONGEST_ASKED),
    );
    // 2 ** 10 exceeds every limit.
    this.#failures = Math.min(this.#failures + 1, 10);
    return least * (1 + JITTER * this.#clock.random());
  }
}
