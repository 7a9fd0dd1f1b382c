/** The one edge to V8's memory. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects what nobody refers to any more, at once and whole; what is free then goes back to the
 * machine. Tenths of a second.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  // Only a context that is made now has it.
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
