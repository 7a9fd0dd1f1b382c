/**
 * One writer at a time: a lock for each family, as wide as the rules are, which is the network
 * namespace.
 */

import { LockError, messageOf } from '../errors.js';
import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import { throwIfInterrupted } from '../host/interruption.js';
import { checkRights } from '../host/rights.js';
import { isShortage, SHORTAGE_HINT } from '../host/shortage.js';
import type { Family } from '../net/ip.js';

export interface LockOptions {
  /** Milliseconds to wait for each lock. */
  readonly timeout: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How the holder introduces itself to those who wait: `pid 4711 (vipc apply)`. */
  readonly about: string;
}

/**
 * Runs `work` while holding the locks of the families: of two processes that read, plan and load at
 * once, each would load a plan for rules that the other one changes. Throws {@link LockError} with
 * the holder's introduction where a lock is not free in time, and where there is no place for
 * locks; PermissionError where that is for want of rights.
 */
export async function withLocks<T>(
  host: Host,
  families: readonly Family[],
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  // Always in the same order, so that two processes cannot each hold what the other waits for.
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
  const deadline = systemClock.now() + timeout;
  let by = '';
  for (;;) {
    throwIfInterrupted(signal);
    const attempt = await host
      .tryLock(`apply-${family}`, about)
      .catch((cause: unknown) => unusable(host, cause));
    if (attempt.kind === 'held') return attempt.release;
    by = attempt.by || by;
    const left = deadline - systemClock.now();
    if (left <= 0) throw lockError(family, by, timeout);
    await waitFor(attempt.released, left, signal);
  }
}

/** Throws PermissionError where rights are missing, otherwise LockError with the reason. */
async function unusable(host: Host, cause: unknown): Promise<never> {
  await checkRights(host);
  const reason = messageOf(cause);
  throw new LockError(`the lock against other writers cannot be taken: ${reason}`, '', {
    hint: isShortage(cause)
      ? SHORTAGE_HINT
      : 'vipc needs a folder /run/vipc that it may write to and others may not',
    cause,
  });
}

function lockError(family: Family, holder: string, timeout: number): LockError {
  const who = holder === '' ? 'another process' : holder;
  return new LockError(
    `${who} is working on the ${family} rules and did not end within ${timeout / 1000} s`,
    holder,
    { hint: 'wait for it, or raise --lock-timeout' },
  );
}

/** Resolves with the event, after the time, or with the signal. */
function waitFor(
  event: Promise<void>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = systemClock.after(milliseconds, done);
    signal?.addEventListener('abort', done);
    event.then(done, done);
  });
}
