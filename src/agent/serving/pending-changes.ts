/** How many Services wait for a sync because something about them changed. */

import type { Family } from '../../net/ip.js';
import type { Time } from './time.js';

/**
 * Names with the moment of their last change. A name waits until every family was synced by a sync that began after it; a family that
 * nobody asked to be synced waits for nothing.
 */
export class PendingChanges {
  readonly #time: Time;
  readonly #changed = new Map<string, number>();
  /** Families that were asked to sync, with the moment that they are synced up to. */
  readonly #behind = new Map<Family, number>();
  #newest = Number.NEGATIVE_INFINITY;

  constructor(time: Time) {
    this.#time = time;
  }

  get size(): number {
    return this.#changed.size;
  }

  changed(name: string): void {
    this.#newest = this.#time.monotonic();
    this.#changed.set(name, this.#newest);
  }

  queued(families: readonly Family[]): void {
    for (const family of families)
      if (!this.#behind.has(family)) this.#behind.set(family, Number.NEGATIVE_INFINITY);
  }

  /** A sync of this many seconds has just ended. */
  synced(family: Family, seconds: number): void {
    const began = this.#time.monotonic() - seconds * 1000;
    if (this.#newest > began) this.#behind.set(family, began);
    else this.#behind.delete(family);
    const done = Math.min(began, ...this.#behind.values());
    for (const [name, at] of this.#changed) if (at <= done) this.#changed.delete(name);
  }
}
