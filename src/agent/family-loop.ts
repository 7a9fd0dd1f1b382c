/**
 * Decides when one family is synced: at most once per minimum period, with back-off after failures.
 */

import type { Applier } from '../apply/applier.js';
import type { HostFacts } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { type Clock, systemClock } from '../host/clock.js';
import type { Family } from '../net/ip.js';
import type { FamilySync } from './family-sync.js';
import type { AgentObserver, SyncFailure } from './observer.js';
import type { SourceState } from './source.js';

export interface FamilyLoopOptions {
  readonly sync: Pick<
    FamilySync,
    'family' | 'applier' | 'isFull' | 'sync' | 'reconcileFlows' | 'forget'
  >;
  /** `undefined` as long as not everything is known: nothing is applied before. */
  readonly state: () => SourceState | undefined;
  readonly facts: () => HostFacts;
  /** Milliseconds between the beginnings of two syncs, at least. */
  readonly minSyncPeriod: number;
  /** Milliseconds that the wait after failures grows to. */
  readonly syncPeriod: number;
  readonly observer: Required<AgentObserver>;
  readonly clock?: Clock | undefined;
  readonly signal: AbortSignal;
  /** Follows the signal, and ends the tool that still runs then. */
  readonly kill: AbortSignal;
}

/** Milliseconds to wait after a first failure; twice as long after each further one. */
const FIRST_RETRY = 1000;
/** Doublings after which the wait is beyond any sync period. */
const MAX_DOUBLINGS = 30;

/**
 * The sync loop of one family. Requests that arrive while a sync runs, or before the next one is
 * due, become one sync, which uses the state of the time when it starts.
 */
export class FamilyLoop {
  readonly #options: FamilyLoopOptions;
  readonly #clock: Clock;
  #isRequested = false;
  #isRunning = false;
  #isComplete = false;
  #triggered: number[] = [];
  #failures = 0;
  /** When the next sync may start, on the monotonic clock. */
  #notBefore = 0;
  #isArmed = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: FamilyLoopOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get family(): Family {
    return this.#options.sync.family;
  }

  /** What loads its rules. */
  get applier(): Applier {
    return this.#options.sync.applier;
  }

  /** Requests a sync. `triggered`: times that its report passes on. */
  request(triggered: readonly number[] = []): void {
    this.#isRequested = true;
    this.#triggered = this.#triggered.concat(triggered);
    this.#arm();
  }

  /** Requests a sync from the kernel. */
  repair(): void {
    this.#options.sync.forget();
    this.request();
  }

  /** Fulfilled when nothing is being loaded. */
  idle(): Promise<void> {
    return this.#running;
  }

  #arm(): void {
    const { signal, state } = this.#options;
    if (!this.#isRequested || this.#isRunning || this.#isArmed || signal.aborted) return;
    // Not asked again once it is known, because the call may do the work of an update.
    this.#isComplete ||= state() !== undefined;
    if (!this.#isComplete) return;
    this.#isArmed = true;
    // Waits at least one turn of the event loop: events of one chunk of a stream share a sync.
    const wait = Math.max(0, this.#notBefore - this.#clock.now());
    void this.#clock.sleep(wait, signal).then(() => {
      this.#isArmed = false;
      if (!signal.aborted) this.#running = this.#sync();
    });
  }

  async #sync(): Promise<void> {
    const { sync, state: current, facts, observer, minSyncPeriod } = this.#options;
    const state = current();
    if (state === undefined) return;
    this.#isRequested = false;
    this.#isRunning = true;
    const triggered = this.#triggered;
    this.#triggered = [];
    const started = this.#clock.now();
    const kind = sync.isFull ? 'full' : 'partial';
    observer.started(sync.family);
    try {
      const synced = await sync.sync(state, facts());
      this.#failures = 0;
      this.#notBefore = started + minSyncPeriod;
      observer.synced({ ...synced, triggered });
      const flows = await sync.reconcileFlows(synced, state);
      if (flows !== undefined) observer.flows(flows);
    } catch (error) {
      this.#triggered = triggered.concat(this.#triggered);
      this.#fail(kind, started, error);
    } finally {
      this.#isRunning = false;
      this.#arm();
    }
  }

  #fail(kind: SyncFailure['kind'], started: number, cause: unknown): void {
    const { sync, syncPeriod, observer, signal, kill } = this.#options;
    if (kill.aborted) observer.noticed([loadCut(sync.family)]);
    if (signal.aborted) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const retryAfter = Math.min(FIRST_RETRY * 2 ** this.#failures, syncPeriod);
    this.#failures = Math.min(this.#failures + 1, MAX_DOUBLINGS);
    const now = this.#clock.now();
    this.#notBefore = now + retryAfter;
    this.#isRequested = true;
    sync.forget();
    const seconds = (now - started) / 1000;
    observer.failed({ family: sync.family, kind, seconds, error, retryAfter });
  }
}

function loadCut(family: Family): Diagnostic {
  return {
    code: 'load-cut',
    severity: 'warning',
    message: `the ${family} rules were still being loaded when the agent had to end, and the tool was ended`,
    hint: 'each table is as it was or as it was to be; the agent that starts next loads what is missing',
  };
}
