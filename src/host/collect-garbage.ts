/** The one edge to V8's memory. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Runs one full garbage collection at once; the free memory goes back to the
 * machine. Tenths of a second.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  // Only a context that is made now has it.
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
