/** What every group of metrics needs. */

import type { Registry } from 'prom-client';
import type { Clock } from '../../host/clock.js';
import type { Host } from '../../host/host.js';
import type { Model } from '../../model/types.js';
import type { Family } from '../../net/ip.js';
import type { Ruleset } from '../../ruleset/types.js';

/**
 * What the last good sync of a family loaded. The loop holds both anyway, so that keeping them
 * costs nothing.
 */
export interface LastSync {
  readonly model: Model;
  readonly ruleset: Ruleset;
}

export interface MetricContext {
  readonly registry: Registry;
  readonly families: readonly Family[];
  readonly host: Host;
  readonly clock: Clock;
  /**
   * Totals over all Services are counted from here at each scrape, so that a sync costs only what
   * changed.
   */
  readonly last: ReadonlyMap<Family, LastSync>;
}

/** Seconds: 1 ms, doubled up to 16.384 s, as all of kube-proxy's durations of syncs. */
export const SYNC_BUCKETS: readonly number[] = Array.from(
  { length: 15 },
  (_, power) => 2 ** power / 1000,
);

/** Seconds from a change of an endpoint to its rules. */
export const PROGRAMMING_BUCKETS: readonly number[] = [
  ...[0, 0.25, 0.5],
  ...steps(1, 1, 59),
  ...steps(60, 5, 115),
  ...steps(120, 30, 300),
];

function steps(first: number, step: number, last: number): readonly number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
