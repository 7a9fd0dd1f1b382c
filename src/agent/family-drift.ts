/** Looks at the kernel now and then for what is not as it was loaded, and has what it finds repaired. */

import { setTimeout as sleep } from 'node:timers/promises';
import { mutex } from '../apply/mutex.js';
import type { Diagnostic } from '../diagnostics.js';
import type { DriftWatch } from '../drift/drift-watch.js';
import type { DriftReport } from '../drift/types.js';
import { messageOf, VipcError } from '../errors.js';
import type { Family } from '../net/ip.js';
import type { FamilyLoop } from './family-loop.js';
import type { AgentObserver } from './observer.js';

/** What is looked for, and what becomes of it. Times in milliseconds. */
export interface DriftOptions {
  /** `off`: nobody looks. `report`: told and counted. `repair`: and put right by a sync from the kernel. */
  readonly policy: 'off' | 'report' | 'repair';
  /** Between two looks at every rule. */
  readonly interval: number;
  /** Whether the kernel is listened to beside. */
  readonly watch: boolean;
}

export interface FamilyDriftOptions {
  readonly drift: DriftOptions;
  readonly loop: Pick<FamilyLoop, 'family' | 'repair'>;
  readonly watch: Pick<DriftWatch, 'quick' | 'chains' | 'full'>;
  /** The period of the quick look, and of the chains in turn. */
  readonly syncPeriod: number;
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

type Look = (signal: AbortSignal) => Promise<DriftReport | undefined>;

/** The looks at one family. One follows the other, so that two never load the machine at once. */
export class FamilyDrift {
  readonly #options: FamilyDriftOptions;
  readonly #inTurn = mutex();

  constructor(options: FamilyDriftOptions) {
    this.#options = options;
  }

  get family(): Family {
    return this.#options.loop.family;
  }

  /** Looks now and then until the signal. */
  async run(): Promise<void> {
    const { drift, watch, syncPeriod, signal } = this.#options;
    if (drift.policy === 'off') return;
    let lastFull = performance.now();
    for (;;) {
      await sleep(syncPeriod, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const isFullDue = performance.now() - lastFull >= drift.interval;
      if (isFullDue) lastFull = performance.now();
      const deep: Look = isFullDue ? (stop) => watch.full(stop) : (stop) => watch.chains(stop);
      // What the quick look finds is repaired from the kernel, whole: there is nothing left to look for.
      if (!(await this.#found((stop) => watch.quick(stop)))) await this.#found(deep);
    }
  }

  /** Looks because the kernel has told that somebody was there. */
  async lookNow(): Promise<void> {
    await this.#found((stop) => this.#options.watch.quick(stop, 'watch'));
  }

  #found(look: Look): Promise<boolean> {
    return this.#inTurn(() => found(this.#options, look));
  }
}

async function found(options: FamilyDriftOptions, look: Look): Promise<boolean> {
  const { drift, loop, observer, signal } = options;
  if (signal.aborted) return false;
  try {
    const report = await look(signal);
    if (report === undefined || signal.aborted) return false;
    observer.drift(report);
    if (report.count === 0) return false;
    if (drift.policy === 'repair') loop.repair();
    return true;
  } catch (error) {
    if (!signal.aborted) observer.noticed([notLooked(loop.family, error)]);
    return false;
  }
}

function notLooked(family: string, error: unknown): Diagnostic {
  const reason = messageOf(error);
  const hint = error instanceof VipcError ? error.hint : '';
  return {
    code: 'drift-not-looked',
    severity: 'warning',
    message: `whether the ${family} rules are as they were loaded is not known: ${reason}`,
    ...(hint === '' ? {} : { hint }),
  };
}
