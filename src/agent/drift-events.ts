/** Has the kernel tell when somebody else writes our tables, for `--drift watch`. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Loaded } from '../apply/applier.js';
import { followKernel, type KernelEventsOptions } from '../drift/kernel-events.js';
import type { FamilyDrift } from './family-drift.js';
import type { AgentObserver } from './observer.js';

export interface DriftEventsOptions extends Pick<KernelEventsOptions, 'host' | 'backend'> {
  readonly drifts: readonly FamilyDrift[];
  /** What each family has loaded; `undefined` before its first load. */
  readonly loaded: () => readonly (Loaded | undefined)[];
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

/** Milliseconds between two looks whether everything is loaded. */
const PATIENCE = 200;

/** Listens from the first load on until the signal, or until it cannot: that is told, and looking now and then goes on. */
export async function followDrift(options: DriftEventsOptions): Promise<void> {
  const { drifts, loaded, observer, signal } = options;
  while (!signal.aborted && loaded().includes(undefined))
    await sleep(PATIENCE, undefined, { signal }).catch(() => {});
  const ended = await followKernel(
    {
      ...options,
      loaded: () => loaded().flatMap((one) => one ?? []),
      changed: (families) => {
        for (const drift of drifts) if (families.includes(drift.family)) void drift.checkNow();
      },
    },
    signal,
  );
  if (ended !== undefined) observer.noticed([ended]);
}
