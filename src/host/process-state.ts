/** What the kernel says of processes. */

import { readFileSync } from 'node:fs';

/**
 * Whether a process is there and can do something: it neither is dead nor was stopped. `false`
 * where the kernel does not say.
 */
export function canRun(pid: number): boolean {
  try {
    return !/^State:\s+[TtZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
