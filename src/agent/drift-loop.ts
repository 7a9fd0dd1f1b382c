/** Looks at the kernel now and then for what is not as it was loaded, and has what it finds repaired. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { DriftCheck, DriftReport } from '../drift/types.js';
import type { FamilyLoop } from './family-loop.js';
import type { AgentObserver } from './observer.js';

/** What is looked for, and what becomes of it. Times in milliseconds. */
export interface DriftOptions {
  /** `off`: nobody looks. `report`: told and counted. `repair`: and put right by a sync from the kernel. */
  readonly policy: 'off' | 'report' | 'repair';
  /** Between two looks at every rule. */
  readonly interval: number;
}

/** Looks at one family. Each gives `undefined` where there is nothing to compare with, or it cannot look. */
export type FamilyLooks = Readonly<
  Record<Exclude<DriftCheck, 'watch'>, (signal: AbortSignal) => Promise<DriftReport | undefined>>
>;

export interface DriftLoopOptions {
  readonly drift: DriftOptions;
  readonly loop: FamilyLoop;
  readonly looks: FamilyLooks;
  /** The period of the quick look and of the chains in turn. */
  readonly syncPeriod: number;
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

/** Runs until the signal. Looks follow each other, so that two never load the machine at once. */
export async function driftLoop(options: DriftLoopOptions): Promise<void> {
  const { drift, looks, syncPeriod, signal } = options;
  if (drift.policy === 'off') return;
  let lastFull = performance.now();
  while (!signal.aborted) {
    await sleep(syncPeriod, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const isFullDue = performance.now() - lastFull >= drift.interval;
    if (isFullDue) lastFull = performance.now();
    for (const look of isFullDue ? [looks.quick, looks.full] : [looks.quick, looks.chains]) {
      // What one finds is repaired from the kernel, whole: there is nothing left to look for.
      if (await found(options, look)) break;
    }
  }
}

async function found(
  { drift, loop, observer, signal }: DriftLoopOptions,
  look: FamilyLooks[keyof FamilyLooks],
): Promise<boolean> {
  if (signal.aborted) return false;
  const report = await look(signal);
  if (report === undefined || signal.aborted) return false;
  observer.drift(report);
  if (report.count === 0) return false;
  if (drift.policy === 'repair') loop.repair();
  return true;
}
