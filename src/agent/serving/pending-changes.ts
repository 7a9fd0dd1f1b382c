/** How many Services wait for a sync because something about them changed. */

import type { Clock } from '../../host/clock.js';
import type { Family } from '../../net/ip.js';

/**
 * Names with the moment of their last change. A name waits until every family was synced by a sync
 * that began after it; a family that nobody asked to be synced waits for nothing.
 */
export class PendingChanges {
  readonly #clock: Clock;
  readonly #changed = new Map<string, number>();
  #newest = Number.NEGATIVE_INFINITY;
  /** When the last good sync of a family began. */
  readonly #upTo = new Map<Family, number>();
  /** Families that were asked to sync and have not done it. */
  readonly #behind = new Set<Family>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#changed.size;
  }

  changed(name: string): void {
    this.#newest = this.#clock.now();
    this.#changed.set(name, this.#newest);
  }

  queued(families: readonly Family[]): void {
    for (const family of families) this.#behind.add(family);
  }

  /** A sync of this many seconds has just ended. */
  synced(family: Family, seconds: number): void {
    const began = this.#clock.now() - seconds * 1000;
    this.#upTo.set(family, began);
    if (this.#newest > began) this.#behind.add(family);
    else this.#behind.delete(family);
    const ends = [...this.#behind].map((one) => this.#upTo.get(one) ?? Number.NEGATIVE_INFINITY);
    const done = ends.length === 0 ? began : Math.min(...ends);
    for (const [name, at] of this.#changed) if (at <= done) this.#changed.delete(name);
  }
}
