/** Metrics with a clock that stands still, and what happened until somebody reads them. */

import type { SyncReport } from '../../../src/agent/observer.js';
import { createMetrics, type Metrics } from '../../../src/agent/serving/metrics.js';
import {
  type RestClientMetrics,
  restClientMetrics,
} from '../../../src/agent/serving/rest-client-metrics.js';
import type { BackendName, Family } from '../../../src/index.js';
import { DEFAULT_PROFILE } from '../../../src/profiles/profiles.js';
import type { Profile } from '../../../src/profiles/types.js';
import { FakeClock } from '../../support/fake-clock.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';
import { report } from './stage.js';

export const BOTH: readonly Family[] = ['IPv4', 'IPv6'];

export interface Scene {
  readonly metrics: Metrics;
  readonly clock: FakeClock;
  readonly requests: RestClientMetrics;
}

export function scene(
  mode: BackendName,
  host: MemoryHost = new MemoryHost(),
  profile: Profile = DEFAULT_PROFILE,
): Scene {
  const clock = new FakeClock();
  const requests = restClientMetrics();
  const options = {
    ...{ mode, families: BOTH, host, version: '9.9.9', allowServiceExternalIps: true },
    profile,
  };
  return { metrics: createMetrics({ ...options, clock, requests }), clock, requests };
}

export function syncBoth({ metrics }: Scene, fields: Partial<SyncReport> = {}): void {
  for (const family of BOTH) metrics.observer.synced?.(report(family, fields));
}

export function healthy(on: Scene): void {
  syncBoth(on);
  on.metrics.observer.flows?.({ family: 'IPv4', seconds: 0.01, deleted: 0, diagnostics: [] });
  on.metrics.answered('healthz', 200);
  on.metrics.answered('livez', 200);
}
