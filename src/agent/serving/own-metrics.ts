/**
 * Metrics that kube-proxy does not have: drift, objects left out, and the age of the objects.
 */

import { Counter, Gauge } from 'prom-client';
import type { Diagnostic } from '../../diagnostics.js';
import type { Model, NamespacedName, ServicePort } from '../../model/types.js';
import type { Family } from '../../net/ip.js';
import { type BackendName, serviceOf } from '../../ruleset/types.js';
import type { AgentObserver, SyncReport } from '../observer.js';
import type { SourceStatus, WatchedKind } from '../source.js';
import type { MetricContext } from './metric-context.js';

/** Version and mode. */
export interface BuildInfo {
  readonly version: string;
  readonly mode: BackendName;
}

/** All metrics named `vipc_…`. */
export function ownMetrics(context: MetricContext, build: BuildInfo): AgentObserver {
  gauge(context, 'build_info', 'Always 1; the labels say what runs', ['mode', 'version']).set(
    { ...build },
    1,
  );
  servicesWithoutEndpoints(context);
  const verified = gauge(
    context,
    'last_verified_timestamp_seconds',
    'The last time that every rule was read back and found as it was loaded',
    ['ip_family'],
  );
  const isVerified = (family: Family): void =>
    verified.set({ ip_family: family }, context.clock.wall() / 1000);
  return {
    source: sourceMetrics(context),
    removals: removalMetrics(context),
    noticed: leftOut(context),
    synced: syncedMetrics(context, isVerified),
    drift: driftMetrics(context, isVerified),
    driftFailed: driftFailureMetrics(context),
  };
}

function gauge<T extends string>(
  { registry }: MetricContext,
  name: string,
  help: string,
  labelNames: readonly T[],
  collect?: (gauge: Gauge<T>) => void,
): Gauge<T> {
  return new Gauge({
    name: `vipc_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      collect?.(this);
    },
  });
}

function counter<T extends string>(
  { registry }: MetricContext,
  name: string,
  help: string,
  labelNames: readonly T[],
): Counter<T> {
  return new Counter({ name: `vipc_${name}`, help, labelNames, registers: [registry] });
}

function driftMetrics(
  context: MetricContext,
  isVerified: (family: Family) => void,
): Required<AgentObserver>['drift'] {
  const labels = ['ip_family', 'check'] as const;
  const checks = counter(context, 'drift_checks_total', 'Looks at the kernel', labels);
  const findings = counter(
    context,
    'drift_findings_total',
    'Differences between what was loaded and what the kernel held',
    ['ip_family', 'kind', 'check'],
  );
  const last = gauge(
    context,
    'drift_last_check_timestamp_seconds',
    'The last time the kernel was checked',
    labels,
  );
  return ({ family, check, findings: shown, count }) => {
    checks.inc({ ip_family: family, check });
    last.set({ ip_family: family, check }, context.clock.wall() / 1000);
    for (const { kind } of shown) findings.inc({ ip_family: family, kind, check });
    // Of many the report shows the first ones, and the rest is taken to be like the last of them.
    const kind = shown.at(-1)?.kind ?? 'rule';
    if (count > shown.length)
      findings.inc({ ip_family: family, kind, check }, count - shown.length);
    if (check === 'full' && count === 0) isVerified(family);
  };
}

function driftFailureMetrics(context: MetricContext): Required<AgentObserver>['driftFailed'] {
  const failures = counter(
    context,
    'drift_check_failures_total',
    'Checks for drift that could not compare the kernel',
    ['ip_family', 'check'],
  );
  return ({ family, check }) => failures.inc({ ip_family: family, check });
}

function syncedMetrics(
  context: MetricContext,
  isVerified: (family: Family) => void,
): (report: SyncReport) => void {
  const quarantined = gauge(
    context,
    'quarantined_services',
    'Services that keep their rules, because the new ones were refused or could not be compiled',
    ['ip_family'],
  );
  return ({ family: ip_family, result, diagnostics, verified }) => {
    const services = new Set(result.refused.map(({ origin }) => serviceOf(origin)));
    for (const { code, object } of diagnostics)
      if (code === 'service-failed' && object !== undefined)
        services.add(`${object.namespace}/${object.name}`);
    quarantined.set({ ip_family }, services.size);
    if (verified) isVerified(ip_family);
  };
}

function removalMetrics(context: MetricContext): Required<AgentObserver>['removals'] {
  const delayed = gauge(
    context,
    'delayed_removals',
    'Services that the source lacks, and that keep their rules for the grace period',
    [],
  );
  return ({ outcome, services }) => delayed.set(outcome === 'held' ? services.length : 0);
}

function leftOut(context: MetricContext): (diagnostics: readonly Diagnostic[]) => void {
  const objects = counter(
    context,
    'objects_left_out_total',
    'How often an object came that is left out, because it is not understood',
    ['kind'],
  );
  return (diagnostics) => {
    for (const { severity, object } of diagnostics)
      if (severity === 'error' && object !== undefined) objects.inc({ kind: object.kind });
  };
}

const STATES = ['listing', 'following', 'stale'] as const;

function sourceMetrics(context: MetricContext): (status: SourceStatus) => void {
  const { clock } = context;
  const since = new Map<WatchedKind, number | undefined>();
  const states = gauge(context, 'source_state', '1 for how objects of a kind are followed now', [
    'kind',
    'state',
  ]);
  gauge(
    context,
    'source_stale_seconds',
    'For how long objects of a kind have not been followed, 0 while they are',
    ['kind'],
    (self) => {
      const now = clock.now();
      for (const [kind, from] of since)
        self.set({ kind }, from === undefined ? 0 : (now - from) / 1000);
    },
  );
  return ({ kind, state }) => {
    for (const one of STATES) states.set({ kind, state: one }, one === state ? 1 : 0);
    since.set(kind, state === 'following' ? undefined : (since.get(kind) ?? clock.now()));
  };
}

/**
 * Why a Service is not served here: no endpoints at all, none that serves, or a Local policy
 * and all of them elsewhere.
 */
type Reason = 'none' | 'not-ready' | 'not-local';

function servicesWithoutEndpoints(context: MetricContext): void {
  gauge(
    context,
    'services_without_endpoints',
    'Services with a port without endpoints here',
    ['ip_family', 'reason'],
    (self) => {
      for (const [ip_family, { model }] of context.last)
        for (const [reason, count] of Object.entries(emptyServices(model)))
          self.set({ ip_family, reason }, count);
    },
  );
}

/** Each Service once, under the reason of its first such port. */
function emptyServices({ ports }: Model): Readonly<Record<Reason, number>> {
  const counts = { none: 0, 'not-ready': 0, 'not-local': 0 };
  const seen = new Set<NamespacedName>();
  for (const port of ports) {
    if (port.pools.reachable.length > 0 || seen.has(port.service)) continue;
    seen.add(port.service);
    counts[reasonOf(port)] += 1;
  }
  return counts;
}

function reasonOf({ pools, endpointCount }: ServicePort): Reason {
  if (endpointCount === 0) return 'none';
  return pools.any ? 'not-local' : 'not-ready';
}
