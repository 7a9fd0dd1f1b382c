/** Notices that a configuration file has changed: an agent starts anew for that, as kube-proxy does. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../host/host.js';

export interface ConfigWatchOptions {
  readonly host: Host;
  readonly path: string;
  /** Milliseconds between two looks. */
  readonly period: number;
}

/**
 * Fulfilled with `true` when the file has another text than at the beginning, or with `false` after the signal. By
 * looking: kube-proxy is told by the kernel, and misses files that are replaced and mounted ConfigMaps that switch. A file
 * that is away says nothing.
 */
export async function configChanged(
  { host, path, period }: ConfigWatchOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const before = await host.readFile(path);
  for (;;) {
    await sleep(period, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
    const now = await host.readFile(path);
    if (now !== undefined && before !== undefined && now !== before) return true;
  }
}
