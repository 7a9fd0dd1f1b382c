/** What the end of a program means. */

import type { CommandResult } from './host.js';
import { isShortage } from './shortage.js';

/** How execa says that a program ended. */
interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly originalMessage?: string | undefined;
  readonly code?: string | undefined;
}

/** The result of a program that there was no room for. */
export function unstarted(reason: string): CommandResult {
  return { kind: 'unstarted', reason };
}

/** The result of a program that has ended, or that could not be started. */
export function resultOf(ended: Ended, stdout: string, stderr: string): CommandResult {
  const { exitCode, signal = '', timedOut, isCanceled } = ended;
  if (exitCode !== undefined) return { kind: 'exited', code: exitCode, stdout, stderr };
  if (timedOut) return { kind: 'killed', by: 'timeout', signal, stdout, stderr };
  if (isCanceled) return { kind: 'killed', by: 'abort', signal, stdout, stderr };
  if (signal !== '') return { kind: 'killed', by: 'signal', signal, stdout, stderr };
  const reason = ended.originalMessage ?? 'it could not be started';
  return isShortage(ended) ? unstarted(reason) : { kind: 'missing', reason };
}
