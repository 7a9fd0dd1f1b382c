/** Writes the last of many values, at most every so often. */

import { type Clock, systemClock, type Timer, type Timers } from '../../host/clock.js';

export interface LatestWriterOptions<T> {
  /** Milliseconds from the end of a write to the next one, at least. */
  readonly every: number;
  /** Returns whether the value is written; otherwise it is tried again. Must not reject. */
  readonly write: (value: T) => Promise<boolean>;
  readonly clock?: (Pick<Clock, 'now'> & Timers) | undefined;
}

/**
 * The first value is written at once. Of those that are set before the next write may begin, only
 * the last one is written. Waiting does not keep the process alive.
 */
export class LatestWriter<T> {
  readonly #options: LatestWriterOptions<T>;
  readonly #clock: Pick<Clock, 'now'> & Timers;
  #pending: { readonly value: T } | undefined;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #lastWrite = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: LatestWriterOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Schedules a write of the value. */
  set(value: T): void {
    this.#pending = { value };
    this.#schedule();
  }

  /** Writes what is pending, once. Values that are set later are written by another call of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  #schedule(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#pending === undefined) return;
    const wait = Math.max(0, this.#lastWrite + this.#options.every - this.#clock.now());
    this.#timer = this.#clock.after(wait, () => {
      this.#writing = this.#write().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    });
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const isWritten = await this.#options.write(pending.value);
    if (!isWritten) this.#pending ??= pending;
    this.#lastWrite = this.#clock.now();
  }
}
