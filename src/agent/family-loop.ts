/** Decides when one family is synced: at once, at most every so often, later after a failure, and never twice at a time. */

import type { Applier } from '../apply/applier.js';
import type { HostFacts } from '../config/types.js';
import type { Family } from '../net/ip.js';
import type { FamilySync, FamilySynced } from './family-sync.js';
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
  /** Lets one family at a time start from the kernel: two would hold two dumps of it in memory. */
  readonly oneAtATime: <T>(work: () => Promise<T>) => Promise<T>;
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

/** Milliseconds to wait after a first failure; twice as long after each further one. */
const FIRST_RETRY = 1000;

/**
 * One family's loop. Whatever is asked for while a sync runs, or while the next one is not due, is one sync later: it
 * takes the state of the moment it begins.
 */
export class FamilyLoop {
  readonly #options: FamilyLoopOptions;
  #isWanted = false;
  #isRunning = false;
  #isComplete = false;
  #triggered: number[] = [];
  #failures = 0;
  /** Of `performance.now()`, which no change of the clock moves. */
  #notBefore = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: FamilyLoopOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  get family(): Family {
    return this.#options.sync.family;
  }

  /** What loads its rules. */
  get applier(): Applier {
    return this.#options.sync.applier;
  }

  /** Asks for a sync. */
  request(triggered: readonly number[] = []): void {
    this.#isWanted = true;
    this.#triggered.push(...triggered);
    this.#arm();
  }

  /** Asks for a sync from the kernel. */
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
    if (!this.#isWanted || this.#isRunning || this.#timer !== undefined || signal.aborted) return;
    // Asked once: it may cost as much as the update that it brings.
    this.#isComplete ||= state() !== undefined;
    if (!this.#isComplete) return;
    const wait = Math.max(0, this.#notBefore - performance.now());
    // What arrives in one chunk of a stream is one sync: the timer fires when all of it has been read.
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#turn();
    }, wait);
  }

  async #turn(): Promise<void> {
    const { sync, state: current, facts, oneAtATime, observer, minSyncPeriod } = this.#options;
    const state = current();
    if (state === undefined) return;
    this.#isWanted = false;
    this.#isRunning = true;
    const triggered = this.#triggered;
    this.#triggered = [];
    const started = performance.now();
    const kind = sync.isFull ? 'full' : 'partial';
    const work = (): Promise<FamilySynced> => sync.sync(state, facts());
    try {
      const synced = await (kind === 'full' ? oneAtATime(work) : work());
      this.#failures = 0;
      this.#notBefore = started + minSyncPeriod;
      observer.synced({ ...synced, triggered });
      const flows = await sync.reconcileFlows(synced, state);
      if (flows !== undefined) observer.flows(flows);
    } catch (error) {
      this.#triggered.unshift(...triggered);
      this.#fail(kind, started, error);
    } finally {
      this.#isRunning = false;
      this.#arm();
    }
  }

  #fail(kind: SyncFailure['kind'], started: number, cause: unknown): void {
    const { sync, syncPeriod, observer, signal } = this.#options;
    if (signal.aborted) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const retryAfter = Math.min(FIRST_RETRY * 2 ** this.#failures, syncPeriod);
    this.#failures = Math.min(this.#failures + 1, 30);
    this.#notBefore = performance.now() + retryAfter;
    this.#isWanted = true;
    sync.forget();
    const seconds = (performance.now() - started) / 1000;
    observer.failed({ family: sync.family, kind, seconds, error, retryAfter });
  }
}
