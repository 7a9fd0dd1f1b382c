/** kube-proxy's metrics of node ports on loopback addresses (KEP-6032). */

import { Counter, Gauge } from 'prom-client';
import type { ModeMetrics } from '../../backends/backend.js';
import type { Family } from '../../net/ip.js';
import type { LoopbackListeners } from '../loopback/listeners.js';
import type { MetricContext } from './metric-context.js';

/** What counts itself, and is asked by each scrape. */
export type LoopbackCounts = Pick<LoopbackListeners, 'listening' | 'failures'>;

/** Registers the metrics: of what listens, and of what rules refuse. */
export function loopbackMetrics(
  { refusedOnLoopback }: ModeMetrics,
  counts: LoopbackCounts,
  context: MetricContext,
): void {
  const { registry } = context;
  const labelNames = ['ip_family'];
  new Gauge({
    ...{ name: `${PREFIX}_listeners`, labelNames, registers: [registry] },
    help: '[ALPHA] Number of localhost NodePorts that are served in user space',
    collect() {
      setAll(this, counts.listening());
    },
  });
  new Counter({
    ...{ name: `${PREFIX}_listener_creation_failures_total`, labelNames, registers: [registry] },
    help: '[ALPHA] Cumulative failures to listen on localhost NodePorts',
    collect() {
      this.reset();
      for (const [ip_family, count] of counts.failures()) this.inc({ ip_family }, count);
    },
  });
  if (refusedOnLoopback !== undefined) refusedPackets(refusedOnLoopback, context);
}

const PREFIX = 'kubeproxy_nftables_localhost_nodeport';

function setAll(gauge: Gauge, counts: ReadonlyMap<Family, number>): void {
  for (const [ip_family, count] of counts) gauge.set({ ip_family }, count);
}

/** Read from the kernel by each scrape; what cannot be read stays as it was. */
function refusedPackets(
  { name, help, read }: NonNullable<ModeMetrics['refusedOnLoopback']>,
  { registry, host, families }: MetricContext,
): void {
  const last = new Map<
    string,
    { readonly labels: Record<string, string>; readonly count: number }
  >();
  new Counter({
    ...{ name, help, labelNames: ['ip_family', 'protocol'], registers: [registry] },
    async collect() {
      for (const ip_family of families)
        for (const [protocol, count] of await read(host, ip_family))
          last.set(`${ip_family} ${protocol}`, { labels: { ip_family, protocol }, count });
      this.reset();
      for (const { labels, count } of last.values()) this.inc(labels, count);
    },
  });
}
