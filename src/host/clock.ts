/** Time and randomness behind an interface, so that tests can inject their own. */

import { setTimeout as delay } from 'node:timers/promises';

/** The clocks of a machine, waiting, and randomness. */
export interface Clock {
  /** Milliseconds of a monotonic clock. Use it for durations and deadlines. */
  readonly now: () => number;
  /** Milliseconds since the Unix epoch. May jump; for output only. */
  readonly wall: () => number;
  /** Resolves after `milliseconds`, or as soon as the signal aborts. Never rejects. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A random number in [0, 1), for jitter. */
  readonly random: () => number;
}

/** The clocks of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  },
  random: Math.random,
};
