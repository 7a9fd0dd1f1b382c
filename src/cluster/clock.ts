/** Time and chance as the client uses them, so that a test can have its own. */

import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since some moment; never jumps. */
  readonly now: () => number;
  /** Returns after that many milliseconds, or at once with the signal. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** 0 to 1, without 1. */
  readonly random: () => number;
}

/** The clock of this machine: the monotonic one, so that setting the date moves no deadline. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await wait(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
  random: Math.random,
};
