/**
 * kube-proxy's metrics that every mode has: names, labels, help and the moment of first appearance
 * as kube-proxy 1.36 has them.
 */

import { Counter, Gauge, Histogram } from 'prom-client';
import type { Clock } from '../../host/clock.js';
import type { Model } from '../../model/types.js';
import type { Family } from '../../net/ip.js';
import type { AgentObserver } from '../observer.js';
import { type MetricContext, PROGRAMMING_BUCKETS, SYNC_BUCKETS } from './metric-context.js';

/** Syncs: how many, how long, when, and what waits for one. */
export function syncMetrics(context: MetricContext): AgentObserver {
  const durations = durationMetrics(context);
  const moments = momentMetrics(context);
  const changes = changeMetrics(context);
  const flows = flowMetrics(context);
  noLocalEndpoints(context);
  return {
    changed: changes.changed,
    queued: moments.queued,
    synced: ({ family, kind, seconds, triggered }) => {
      durations.observe(family, kind, seconds);
      durations.programmed(family, triggered);
      moments.synced(family);
      changes.synced(family, seconds);
    },
    failed: ({ family, kind, seconds }) => durations.observe(family, kind, seconds),
    flows,
  };
}

function durationMetrics({ registry, clock }: MetricContext): {
  observe: (family: Family, kind: 'full' | 'partial', seconds: number) => void;
  programmed: (family: Family, triggered: readonly number[]) => void;
} {
  const started = clock.wall();
  const histogram = (name: string, help: string, buckets = SYNC_BUCKETS) =>
    new Histogram({
      name: `kubeproxy_${name}`,
      help: `[ALPHA] ${help}`,
      labelNames: ['ip_family'],
      buckets: [...buckets],
      registers: [registry],
    });
  const all = histogram('sync_proxy_rules_duration_seconds', 'SyncProxyRules latency in seconds');
  const byKind = {
    full: histogram(
      'sync_full_proxy_rules_duration_seconds',
      'SyncProxyRules latency in seconds for full resyncs',
    ),
    partial: histogram(
      'sync_partial_proxy_rules_duration_seconds',
      'SyncProxyRules latency in seconds for partial resyncs',
    ),
  };
  const programming = histogram(
    'network_programming_duration_seconds',
    'In Cluster Network Programming Latency in seconds',
    PROGRAMMING_BUCKETS,
  );
  return {
    observe: (ip_family, kind, seconds) => {
      all.observe({ ip_family }, seconds);
      byKind[kind].observe({ ip_family }, seconds);
    },
    programmed: (ip_family, triggered) => {
      const now = clock.wall();
      // What changed before the start waited for us, not for the network.
      for (const at of triggered)
        if (at >= started) programming.observe({ ip_family }, (now - at) / 1000);
    },
  };
}

function momentMetrics({ registry, clock, families }: MetricContext): {
  queued: (families: readonly Family[]) => void;
  synced: (family: Family) => void;
} {
  const gauge = (name: string, help: string) =>
    new Gauge({
      name: `kubeproxy_sync_proxy_rules_${name}`,
      help: `[ALPHA] ${help}`,
      labelNames: ['ip_family'],
      registers: [registry],
    });
  const synced = gauge(
    'last_timestamp_seconds',
    'The last time proxy rules were successfully synced',
  );
  const asked = gauge(
    'last_queued_timestamp_seconds',
    'The last time a sync of proxy rules was queued',
  );
  const queued = (all: readonly Family[]): void => {
    for (const ip_family of all) asked.set({ ip_family }, clock.wall() / 1000);
  };
  queued(families);
  return { queued, synced: (ip_family) => synced.set({ ip_family }, clock.wall() / 1000) };
}

function changeMetrics({ registry, clock, families }: MetricContext): Required<
  Pick<AgentObserver, 'changed'>
> & {
  readonly synced: (family: Family, seconds: number) => void;
} {
  const group = (kind: 'service' | 'endpoint', name: string) => {
    const pending = new PendingChanges(clock, families);
    const common = { registers: [registry] };
    const prefix = `kubeproxy_sync_proxy_rules_${kind}_changes`;
    const total = new Counter({
      ...common,
      name: `${prefix}_total`,
      help: `[ALPHA] Cumulative proxy rules ${name} changes`,
    });
    new Gauge({
      ...common,
      name: `${prefix}_pending`,
      help: `[ALPHA] Pending proxy rules ${name} changes`,
      collect() {
        this.set(pending.size);
      },
    });
    return { pending, total };
  };
  const groups = {
    Service: group('service', 'Service'),
    EndpointSlice: group('endpoint', 'Endpoint'),
  };
  const all = Object.values(groups);
  return {
    changed: (changes) => {
      for (const { kind, service, family } of changes) {
        if (kind !== 'Service' && kind !== 'EndpointSlice') continue;
        const { pending, total } = groups[kind];
        // Each family of kube-proxy counts every Service event, and slices of its own.
        const isServed = family === undefined || families.includes(family);
        total.inc(kind === 'Service' ? families.length : Number(isServed));
        if (service !== undefined) pending.changed(service, family);
      }
    },
    synced: (family, seconds) => {
      for (const { pending } of all) pending.synced(family, seconds);
    },
  };
}

/** Services that wait, in each family that a change concerns, for a sync that began after it. */
class PendingChanges {
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

function flowMetrics({ registry }: MetricContext): Required<AgentObserver>['flows'] {
  const common = { labelNames: ['ip_family'], registers: [registry] };
  const durations = new Histogram({
    ...common,
    name: 'kubeproxy_conntrack_reconciler_sync_duration_seconds',
    help: '[ALPHA] ReconcileConntrackFlowsLatency latency in seconds',
    buckets: [...SYNC_BUCKETS],
  });
  const deletions = new Counter({
    ...common,
    name: 'kubeproxy_conntrack_reconciler_deleted_entries_total',
    help: '[ALPHA] Cumulative conntrack flows deleted by conntrack reconciler',
  });
  return ({ family, seconds, deleted }) => {
    durations.observe({ ip_family: family }, seconds);
    deletions.inc({ ip_family: family }, deleted);
  };
}

/** A gauge in spite of its name, and so it is in kube-proxy. */
function noLocalEndpoints({ registry, last }: MetricContext): void {
  new Gauge({
    name: 'kubeproxy_sync_proxy_rules_no_local_endpoints_total',
    help: '[ALPHA] Number of services with a Local traffic policy and no endpoints',
    labelNames: ['ip_family', 'traffic_policy'],
    registers: [registry],
    collect() {
      for (const [ip_family, { model }] of last) {
        const { internal, external } = portsWithoutLocalEndpoints(model);
        this.set({ ip_family, traffic_policy: 'internal' }, internal);
        this.set({ ip_family, traffic_policy: 'external' }, external);
      }
    },
  });
}

/** Ports whose policy is Local, that have endpoints, and none of them on this node. */
function portsWithoutLocalEndpoints({ ports }: Model): {
  readonly internal: number;
  readonly external: number;
} {
  const without = ports.filter(({ pools }) => pools.any && pools.local.length === 0);
  return {
    internal: without.filter((port) => port.internalPolicyLocal).length,
    external: without.filter((port) => port.externalPolicyLocal && port.externallyAccessible)
      .length,
  };
}
