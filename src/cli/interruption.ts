/** Turns Ctrl-C and termination into a wish: the work ends at the next place where it may. */

import { InterruptedError } from '../errors.js';

/** A wish to stop that the work looks at. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What an error means, once the wish is there. */
  readonly errorFor: (error: unknown) => unknown;
  /** Gives the signals back their usual meaning. */
  readonly end: () => void;
}

/** Listens to SIGINT, SIGTERM and SIGHUP until its end. A change of the kernel that has begun is finished first. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => controller.abort();
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    errorFor: (error) =>
      controller.signal.aborted && !(error instanceof InterruptedError)
        ? new InterruptedError('interrupted', { cause: error })
        : error,
    end: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
