/** Work that a signal stops. */

import { InterruptedError } from '../errors.js';

/** Throws {@link InterruptedError} where the signal was given. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError('interrupted');
}
