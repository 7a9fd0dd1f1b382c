/** One writer at a time: our own lock per family, and the name of whoever holds it or the lock of the legacy tools. */

import { InterruptedError, LockError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';

export interface LockOptions {
  /** Milliseconds to wait for each lock. */
  readonly timeout: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** What others are told about us: `pid 4711 (vipc apply)`. */
  readonly about: string;
}

/** Two vipc that read, plan and load at once would each carry out a plan for a kernel that the other one changes. */
const LOCK_NAME = 'apply';

/**
 * What `work` returns, done while holding the locks of the families. They are per network namespace, as the rules
 * are. Throws {@link LockError} with the holder's name where one does not come free in time.
 */
export async function withLocks<T>(
  host: Host,
  families: readonly Family[],
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  // One order for everybody, or two processes could each wait for what the other one holds.
  const [first, ...others] = [...families].sort();
  if (first === undefined) return work();
  const release = await takeLock(host, first, options);
  try {
    return await withLocks(host, others, options, work);
  } finally {
    await release();
  }
}

async function takeLock(
  host: Host,
  family: Family,
  { timeout, signal, about }: LockOptions,
): Promise<() => Promise<void>> {
  const deadline = performance.now() + timeout;
  let by = '';
  for (;;) {
    throwIfInterrupted(signal);
    const attempt = await host.tryLock(`${LOCK_NAME}/${family}`, about);
    if (attempt.kind === 'held') return attempt.release;
    by = attempt.by || by;
    const left = deadline - performance.now();
    if (left <= 0) throw lockError(family, by, timeout);
    await waitFor(attempt.gone, left, signal);
  }
}

/** Throws {@link InterruptedError} where the signal was given. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError('interrupted');
}

function lockError(family: Family, holder: string, timeout: number): LockError {
  const who = holder === '' ? 'another process' : holder;
  return new LockError(
    `${who} is working on the ${family} rules and did not end within ${timeout / 1000} s`,
    holder,
    { hint: 'wait for it, or raise --lock-timeout' },
  );
}

/** Ends with the event, the time or the signal, and leaves no timer that would keep the process alive. */
function waitFor(
  event: Promise<void>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
    event.then(done, done);
  });
}
