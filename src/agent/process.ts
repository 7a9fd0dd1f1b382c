/**
 * What the agent does about its own process: memory, OOM score, and the end after a changed
 * configuration.
 */

import type { Diagnostic } from '../diagnostics.js';
import { messageOf } from '../errors.js';
import { systemClock, type Timer } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { AgentObserver } from './observer.js';

/** Milliseconds, so that the first sync of the other family is over too. */
const DELAY = 2000;

/**
 * An observer that collects garbage after a sync from the kernel or a full comparison. Both read
 * all rules as text, and V8 keeps a heap of that size, because an idle agent allocates too little
 * to start a collection. With 5,000 Services of 10 endpoints that is 130 of 320 MB.
 */
export function collectGarbageAfterFullSync(
  collect: () => void,
  delay: number = DELAY,
): AgentObserver {
  let timer: Timer | undefined;
  const wait = (): void => {
    timer?.cancel();
    timer = systemClock.after(delay, collect);
    timer.unref();
  };
  return {
    synced: ({ kind }) => {
      if (kind === 'full') wait();
    },
    drift: ({ check }) => {
      if (check === 'full') wait();
    },
  };
}

export interface ConfigWatchOptions {
  readonly host: Host;
  readonly path: string;
  /** Milliseconds between two reads of the file. */
  readonly period: number;
}

/**
 * Resolves with `true` when the content of the file differs from the first read, or with `false`
 * after the signal. Polls, because inotify, as kube-proxy uses it, misses replaced files and
 * switched ConfigMap mounts. A missing file is no change.
 */
export async function configChanged(
  { host, path, period }: ConfigWatchOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const before = await host.readFile(path);
  for (;;) {
    await systemClock.sleep(period, signal);
    if (signal.aborted) return false;
    const now = await host.readFile(path);
    if (now !== undefined && before !== undefined && now !== before) return true;
  }
}

const PATH = '/proc/self/oom_score_adj';

/**
 * Sets `oomScoreAdj`, -1000 to 1000, and says what hinders it: lowering it needs CAP_SYS_RESOURCE,
 * and a unit has OOMScoreAdjust= for that. Programs that are started inherit it, as those of
 * kube-proxy do.
 */
export async function setOomScore(host: Host, value: number): Promise<readonly Diagnostic[]> {
  if ((await host.readFile(PATH))?.trim() === String(value)) return [];
  return host.writeFile(PATH, String(value)).then(
    () => [],
    (error: unknown) => [
      {
        code: 'oom-score-refused',
        severity: 'warning',
        message: `oomScoreAdj ${value} cannot be set: ${messageOf(error)}`,
        hint: 'it needs CAP_SYS_RESOURCE; in a systemd unit set OOMScoreAdjust= instead, and oomScoreAdj to the same',
      },
    ],
  );
}
