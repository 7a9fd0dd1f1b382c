/**
 * Time and randomness behind an interface, so that tests can inject their own. Nothing else reads a
 * clock or starts a timer.
 */

/** The clocks of a machine, waiting, and randomness. */
export interface Clock {
  /** Milliseconds of a monotonic clock. Use it for durations and deadlines. */
  readonly now: () => number;
  /** Milliseconds since the Unix epoch. May jump; for output, and beside times that others give. */
  readonly wall: () => number;
  /** Resolves after `milliseconds`, or as soon as the signal aborts. Never rejects. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A random number in [0, 1), for jitter. */
  readonly random: () => number;
}

/** Calls that are made later. */
export interface Timers {
  /** Calls `action` once, after `milliseconds`. */
  readonly after: (milliseconds: number, action: () => void) => Timer;
}

export interface Timer {
  readonly cancel: () => void;
  /** Lets the whole time pass again, also where the call was made already. */
  readonly restart: () => void;
  /** Lets the process end before. */
  readonly unref: () => void;
}

/** The clocks of this machine. */
export const systemClock: Clock & Timers = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    }),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return {
      cancel: () => clearTimeout(timer),
      restart: () => void timer.refresh(),
      unref: () => void timer.unref(),
    };
  },
  random: Math.random,
};

/** When this process began, in milliseconds of the epoch. */
export function startTime(): number {
  return performance.timeOrigin;
}
