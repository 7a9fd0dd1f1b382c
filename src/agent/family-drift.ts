/** Checks the kernel of one family for drift periodically, and has what it finds repaired. */

import type { Loaded } from '../apply/applier.js';
import { type Mutex, mutex } from '../apply/mutex.js';
import type { DriftWatch } from '../drift/drift-watch.js';
import { followKernel, type KernelEventsOptions } from '../drift/kernel-events.js';
import type { DriftCheck, DriftReport } from '../drift/types.js';
import { type Clock, systemClock } from '../host/clock.js';
import type { Family } from '../net/ip.js';
import type { FamilyLoop } from './family-loop.js';
import type { AgentObserver } from './observer.js';

/** What is done about drift. Times in milliseconds. */
export interface DriftOptions {
  /**
   * `off`: no checks. `report`: findings are logged and counted. `repair`: and repaired by a sync
   * from the kernel.
   */
  readonly policy: 'off' | 'report' | 'repair';
  /** Between two comparisons of every rule. */
  readonly interval: number;
  /** Whether events of the kernel are followed too. */
  readonly watch: boolean;
}

export interface FamilyDriftOptions {
  readonly drift: DriftOptions;
  readonly loop: Pick<FamilyLoop, 'family' | 'repair'>;
  readonly watch: Pick<DriftWatch, 'quick' | 'chains' | 'full'>;
  /** The period of the quick check, and of the chains in turn. */
  readonly syncPeriod: number;
  /** Shared by all that hold a dump of the kernel in memory. */
  readonly kernelMutex: Mutex;
  readonly observer: Required<AgentObserver>;
  readonly clock?: Clock | undefined;
  readonly signal: AbortSignal;
}

/** The result of a check; `none`: nothing was loaded to compare with. */
type Outcome = 'none' | 'clean' | 'drift' | 'failed';

type Check = (signal: AbortSignal) => Promise<DriftReport | undefined>;

/**
 * The checks of one family. They run one after the other, so that two never load the machine at
 * once.
 */
export class FamilyDrift {
  readonly #options: FamilyDriftOptions;
  readonly #mutex = mutex();

  constructor(options: FamilyDriftOptions) {
    this.#options = options;
  }

  get family(): Family {
    return this.#options.loop.family;
  }

  /** Checks periodically until the signal. */
  async run(): Promise<void> {
    const { drift, watch, syncPeriod, clock = systemClock, signal } = this.#options;
    if (drift.policy === 'off') return;
    let lastFull = clock.now();
    for (;;) {
      await clock.sleep(syncPeriod, signal);
      if (signal.aborted) return;
      // The repair of what a quick check finds compares every rule, so no deeper check is needed.
      if ((await this.#check('quick', (stop) => watch.quick(stop))) === 'drift') continue;
      const now = clock.now();
      if (now - lastFull < drift.interval)
        await this.#check('chains', (stop) => watch.chains(stop));
      // A check that failed is repeated in the next period.
      else if ((await this.#check('full', (stop) => watch.full(stop))) !== 'failed') lastFull = now;
    }
  }

  /** Compares every rule, because what was loaded was not read back. */
  async checkLoad(): Promise<void> {
    const { watch, kernelMutex } = this.#options;
    await this.#check('full', (stop) => kernelMutex(() => watch.full(stop)));
  }

  /** Checks because the kernel reported a change. */
  async checkNow(): Promise<void> {
    await this.#check('watch', (stop) => this.#options.watch.quick(stop, 'watch'));
  }

  #check(kind: DriftCheck, check: Check): Promise<Outcome> {
    return this.#mutex(() => outcomeOf(this.#options, kind, check));
  }
}

async function outcomeOf(
  { drift, loop, observer, signal }: FamilyDriftOptions,
  kind: DriftCheck,
  check: Check,
): Promise<Outcome> {
  if (signal.aborted) return 'none';
  try {
    const report = await check(signal);
    if (report === undefined || signal.aborted) return 'none';
    observer.drift(report);
    if (report.count === 0) return 'clean';
    if (drift.policy === 'repair') loop.repair();
    return 'drift';
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (!signal.aborted) observer.driftFailed({ family: loop.family, check: kind, error });
    return 'failed';
  }
}

export interface DriftEventsOptions extends Pick<KernelEventsOptions, 'host' | 'backend'> {
  readonly drifts: readonly FamilyDrift[];
  /** What each family has loaded; `undefined` before its first load. */
  readonly loaded: () => readonly (Loaded | undefined)[];
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

/** Milliseconds between checks whether every family is loaded. */
const LOADED_POLL = 200;

/**
 * Follows kernel events from the first load until the signal. If that is not possible it is
 * reported, and periodic checks go on.
 */
export async function followDrift(options: DriftEventsOptions): Promise<void> {
  const { drifts, loaded, observer, signal } = options;
  while (!signal.aborted && loaded().includes(undefined))
    await systemClock.sleep(LOADED_POLL, signal);
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
