/** A program from its start to its end. */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { systemClock, type Timer } from './clock.js';
import { endWithUs } from './end-with-us.js';

/** How a program ended: the part of a `CommandResult` that is not its output. */
export type End =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'missing'; readonly reason: string }
  | {
      readonly kind: 'killed';
      readonly by: 'timeout' | 'abort' | 'signal';
      readonly signal: string;
    };

/** A program to start. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
  /** Milliseconds after which it is killed, or never. */
  readonly timeout: number | undefined;
  /** Kills it. */
  readonly signal: AbortSignal | undefined;
}

/** A program that was started, or could not be. */
export interface Started {
  /** `undefined` where not even that much was possible. */
  readonly child: ChildProcess | undefined;
  /** Once it has ended and its outputs are closed. Never rejects. */
  readonly end: Promise<End>;
  /** Kills it before. */
  readonly stop: () => void;
}

/** Milliseconds that a program has to end after it was told to. */
const KILL_AFTER = 5_000;

/** Starts a program, which ends with this process unless it is `detached`. */
export function startProgram(start: Start): Started {
  let child: ChildProcess;
  try {
    child = spawn(start.command, start.args, start.options);
  } catch (error) {
    // Too long arguments, or a zero byte in one.
    return { child: undefined, end: Promise.resolve(missing(error)), stop: () => {} };
  }
  if (start.options.detached !== true) endWithUs(child);
  let by: 'timeout' | 'abort' | 'signal' = 'signal';
  const timers: Timer[] = [];
  const stop = (why: typeof by): void => {
    if (hasEnded(child)) {
      closeOutputs(child);
      return;
    }
    if (by === 'signal') by = why;
    child.kill();
    timers.push(systemClock.after(KILL_AFTER, () => child.kill('SIGKILL')));
  };
  const { timeout, signal } = start;
  const abort = (): void => stop('abort');
  if (timeout !== undefined) timers.push(systemClock.after(timeout, () => stop('timeout')));
  signal?.addEventListener('abort', abort);
  if (signal?.aborted) abort();
  child.once('exit', () => child.killed && closeOutputs(child));
  const end = endOf(child, () => by).finally(() => {
    for (const timer of timers) timer.cancel();
    signal?.removeEventListener('abort', abort);
  });
  return { child, end, stop: () => stop('signal') };
}

function endOf(child: ChildProcess, killedBy: () => 'timeout' | 'abort' | 'signal'): Promise<End> {
  return new Promise((resolve) => {
    // Also where a program of another user may not be killed.
    child.on('error', (error) => child.pid === undefined && resolve(missing(error)));
    child.once('close', (code, signal) =>
      resolve(
        code === null
          ? { kind: 'killed', by: killedBy(), signal: signal ?? '' }
          : { kind: 'exited', code },
      ),
    );
  });
}

function missing(error: unknown): End {
  return { kind: 'missing', reason: error instanceof Error ? error.message : String(error) };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/**
 * Closes the outputs of a program that was killed, or whose time is up after its end: children that
 * it left behind may hold them open.
 */
function closeOutputs({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}
