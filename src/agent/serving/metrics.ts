/**
 * All metrics of an agent: kube-proxy's, ours, and those of the process, as Prometheus reads them.
 */

import { Counter, collectDefaultMetrics, Registry } from 'prom-client';
import { BACKENDS } from '../../backends/index.js';
import type { ProxyConfig } from '../../config/types.js';
import { type Clock, systemClock } from '../../host/clock.js';
import type { Host } from '../../host/host.js';
import type { Family } from '../../net/ip.js';
import type { BackendName } from '../../ruleset/types.js';
import { type AgentObserver, observers } from '../observer.js';
import type { Probe } from './health-server.js';
import { kubernetesMetrics } from './kubernetes-metrics.js';
import { type LoopbackCounts, loopbackMetrics } from './loopback-metrics.js';
import type { LastSync, MetricContext } from './metric-context.js';
import { modeMetrics } from './mode-metrics.js';
import { ownMetrics } from './own-metrics.js';
import type { RestClientMetrics } from './rest-client-metrics.js';
import { syncMetrics } from './sync-metrics.js';
import { workqueueMetrics } from './workqueue-metrics.js';

export interface MetricsOptions {
  readonly mode: BackendName;
  readonly families: readonly Family[];
  /** Asked for its packet counters at a scrape. */
  readonly host: Host;
  readonly version: string;
  /** The kube-proxy that is followed. */
  readonly profile: ProxyConfig['profile'];
  readonly allowServiceExternalIps: boolean;
  /** Absent where objects come from no API server. */
  readonly requests?: RestClientMetrics | undefined;
  /** Absent where the version of kube-proxy has no rules for node ports on loopback addresses. */
  readonly loopback?: LoopbackCounts | undefined;
  readonly clock?: Clock | undefined;
}

/** Metrics that count what an observer is notified of. */
export interface Metrics {
  readonly observer: AgentObserver;
  /** Counts an answer of the health server. */
  readonly answered: (probe: Probe, status: number) => void;
  /** What `/metrics` answers. */
  readonly text: () => Promise<string>;
}

/**
 * Metrics of their own registry. `process_*` and `nodejs_*` are prom-client's own. kube-proxy's
 * other metrics are about Go and about libraries that vipc does not use.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { mode, version, families, host, clock = systemClock } = options;
  const registry = new Registry();
  const last = new Map<Family, LastSync>();
  const context: MetricContext = { registry, families, host, clock, last };
  processMetrics(registry);
  kubernetesMetrics({ ...options, registry });
  options.requests?.register(registry);
  const { metrics } = BACKENDS[mode];
  if (options.loopback !== undefined) loopbackMetrics(metrics, options.loopback, context);
  const answered = probeCounters(registry);
  const observer = observers([
    { synced: ({ family, model, ruleset }) => void last.set(family, { model, ruleset }) },
    syncMetrics(context),
    workqueueMetrics(context),
    modeMetrics(metrics, context),
    ownMetrics(context, { mode, version }),
  ]);
  return { observer, answered, text: async () => usedSeries(await registry.metrics()) };
}

/** Milliseconds between two looks of prom-client's monitor of the event loop: practically none. */
const MONITORING_PAUSE = 86_400_000;
const MONITORED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const;

/**
 * prom-client's own metrics, without those of its monitor of the event loop: that wakes the process
 * a hundred times a second, which takes 1 % of a core. `nodejs_eventloop_lag_seconds` is measured
 * by each scrape.
 */
function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: MONITORING_PAUSE });
  for (const name of MONITORED) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
}

function probeCounters(registry: Registry): Metrics['answered'] {
  const counters = {
    healthz: probeCounter(registry, 'healthz'),
    livez: probeCounter(registry, 'livez'),
  };
  return (probe, status) => counters[probe].inc({ code: String(status) });
}

function probeCounter(registry: Registry, probe: Probe): Counter {
  return new Counter({
    name: `kubeproxy_proxy_${probe}_total`,
    help: `[ALPHA] Cumulative proxy ${probe} HTTP status`,
    labelNames: ['code'],
    registers: [registry],
  });
}

/**
 * Metrics by name, one after the other, without those that have no series yet, as Go's client
 * writes them.
 */
export function usedSeries(text: string): string {
  const blocks = text
    .split('\n\n')
    .map((block) => block.trim())
    .filter((block) => /^[^#\s]/m.test(block));
  return `${blocks.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).join('\n')}\n`;
}

function nameOf(block: string): string {
  return block.split(' ', 3)[2] ?? '';
}
