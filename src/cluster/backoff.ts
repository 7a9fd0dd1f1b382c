/**
 * How long to wait between attempts, so that a server in trouble is asked less and less by each of
 * its clients.
 */

import type { Clock } from '../host/clock.js';

/** Milliseconds before the first attempt anew; each one after it waits twice as long. */
const FIRST = 800;
/** Milliseconds that no wait exceeds before its jitter. */
const LONGEST = 30_000;
/**
 * The share of a wait that chance adds, so that nodes which lost one server do not come back as
 * one.
 */
const JITTER = 0.5;
/** Milliseconds; servers ask for seconds, and what asks for more shall not stop us for hours. */
const LONGEST_ASKED = 60_000;

/** What a server has to be good for before a failure counts as the first again, in milliseconds. */
export const HEALTHY = 30_000;

/**
 * Waits from 0.8 s to 30 s, each up to half as long again by chance: at most 7 in the first minute,
 * then 2 a minute. Start over only after {@link HEALTHY}: a server that accepts and then fails is
 * no healthy one.
 */
export class Backoff {
  readonly #clock: Pick<Clock, 'random'>;
  #failures = 0;

  constructor(clock: Pick<Clock, 'random'>) {
    this.#clock = clock;
  }

  /**
   * Milliseconds to wait after an attempt that was good for that many milliseconds; never less than
   * the server asked for, up to a minute.
   */
  next(goodFor: number, retryAfter = 0): number {
    if (goodFor >= HEALTHY) this.#failures = 0;
    const least = Math.max(
      Math.min(FIRST * 2 ** this.#failures, LONGEST),
      Math.min(retryAfter, LONGEST_ASKED),
    );
    // Beyond this the power of two is no longer read.
    this.#failures = Math.min(this.#failures + 1, 10);
    return least * (1 + JITTER * this.#clock.random());
  }
}
