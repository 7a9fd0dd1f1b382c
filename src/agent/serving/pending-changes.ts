/** How many Services wait for a sync because something about them changed. */

import type { Clock } from '../../host/clock.js';
import type { Family } from '../../net/ip.js';

/** Names that wait, in each family that a change concerns, for a sync that began after it. */
export class PendingChanges {
  readonly #clock: Clock;
  readonly #changed: ReadonlyMap<Family, Map<string, number>>;

  constructor(clock: Clock, families: readonly Family[]) {
    this.#clock = clock;
    this.#changed = new Map(families.map((family) => [family, new Map()]));
  }

  /** Names that wait in any family. */
  get size(): number {
    return new Set([...this.#changed.values()].flatMap((names) => [...names.keys()])).size;
  }

  /** `family`: the only one that the change concerns; absent: all. */
  changed(name: string, family?: Family): void {
    for (const [one, names] of this.#changed)
      if (family === undefined || family === one) names.set(name, this.#clock.now());
  }

  /** A sync of this many seconds has just ended. */
  synced(family: Family, seconds: number): void {
    const began = this.#clock.now() - seconds * 1000;
    const names = this.#changed.get(family) ?? new Map();
    for (const [name, at] of names) if (at <= began) names.delete(name);
  }
}
