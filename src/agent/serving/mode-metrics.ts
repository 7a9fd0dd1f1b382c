/** kube-proxy's metrics that only one mode has. */

import { Counter, Gauge } from 'prom-client';
import { goodOutput, type Host } from '../../host/host.js';
import { type BackendName, type Fragment, fragmentsOf } from '../../ruleset/types.js';
import type { AgentObserver } from '../observer.js';
import type { MetricContext } from './metric-context.js';
import { addCounts, ruleCounts, TABLES, type TableCounts } from './rule-counts.js';

/** By mode, so that nobody has to ask for it. */
export const MODE_METRICS: Readonly<
  Record<BackendName, (context: MetricContext) => AgentObserver>
> = { iptables: iptablesMetrics, nftables: nftablesMetrics };

function failureCounter({ registry }: MetricContext, name: string, help: string): Counter {
  return new Counter({
    name: `kubeproxy_sync_proxy_rules_${name}_failures_total`,
    help: `[ALPHA] ${help}`,
    labelNames: ['ip_family'],
    registers: [registry],
  });
}

/** kube-proxy counts a failed deletion of stale chains apart; here it is part of the transaction. */
function nftablesMetrics(context: MetricContext): AgentObserver {
  const failures = failureCounter(
    context,
    'nftables_sync',
    'Cumulative proxy nftables sync failures',
  );
  return { failed: ({ family }) => failures.inc({ ip_family: family }) };
}

function iptablesMetrics(context: MetricContext): AgentObserver {
  const all = failureCounter(
    context,
    'iptables_restore',
    'Cumulative proxy iptables restore failures',
  );
  const partial = failureCounter(
    context,
    'iptables_partial_restore',
    'Cumulative proxy iptables partial restore failures',
  );
  const written = tableGauge(
    context,
    'last',
    'Number of iptables rules written by kube-proxy in last sync',
  );
  ownedRules(context);
  packetCounters(context);
  return {
    synced: ({ family, result }) => {
      // Counted at once: what was sent may be as long as all rules together, and is not kept for this.
      const counts = addCounts(result.sent.map(ruleCounts));
      for (const table of TABLES) written.set({ ip_family: family, table }, counts[table]);
    },
    failed: ({ family, kind }) => {
      all.inc({ ip_family: family });
      if (kind === 'partial') partial.inc({ ip_family: family });
    },
  };
}

function tableGauge(
  { registry }: MetricContext,
  name: string,
  help: string,
  collect?: (gauge: Gauge) => void,
): Gauge {
  return new Gauge({
    name: `kubeproxy_sync_proxy_rules_iptables_${name}`,
    help: `[ALPHA] ${help}`,
    labelNames: ['ip_family', 'table'],
    registers: [registry],
    collect() {
      collect?.(this);
    },
  });
}

/** Each fragment is counted once in its life, so that a scrape costs a walk along a list. */
function ownedRules(context: MetricContext): void {
  const known = new WeakMap<Fragment, TableCounts>();
  const countsOf = (fragment: Fragment): TableCounts => {
    const before = known.get(fragment);
    if (before !== undefined) return before;
    const counts = ruleCounts(fragment.text);
    known.set(fragment, counts);
    return counts;
  };
  tableGauge(context, 'total', 'Total number of iptables rules owned by kube-proxy', (gauge) => {
    for (const [ip_family, { ruleset }] of context.last) {
      const counts = addCounts(fragmentsOf(ruleset).map(countsOf));
      for (const table of TABLES) gauge.set({ ip_family, table }, counts[table]);
    }
  });
}

const PACKET_COUNTERS = [
  {
    name: 'kubeproxy_iptables_ct_state_invalid_dropped_packets_total',
    help: '[ALPHA] packets dropped by iptables to work around conntrack problems',
    object: 'ct_state_invalid_dropped_pkts',
  },
  {
    name: 'kubeproxy_iptables_localhost_nodeports_accepted_packets_total',
    help: '[ALPHA] Number of packets accepted on nodeports of loopback interface',
    object: 'localhost_nps_accepted_pkts',
  },
] as const;

/** What the kernel counted, asked when somebody asks us; 0 where it counts nothing. */
function packetCounters({ registry, host }: MetricContext): void {
  let reading: Promise<ReadonlyMap<string, number>> | undefined;
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    try {
      return await packetCounts(host);
    } finally {
      reading = undefined;
    }
  };
  for (const { name, help, object } of PACKET_COUNTERS) {
    let last = 0;
    new Counter({
      ...{ name, help, registers: [registry] },
      async collect() {
        reading ??= read();
        last = (await reading).get(object) ?? last;
        this.reset();
        this.inc(last);
      },
    });
  }
}

/** Milliseconds that a scrape waits for the tool. */
const NFACCT_TIMEOUT = 2000;

/** Packets by nfacct object: lines of `{ pkts = 00000000000000000004, bytes = 00000000000000000336 } = name;`. */
async function packetCounts(host: Host): Promise<ReadonlyMap<string, number>> {
  const result = await host.run({ command: 'nfacct', args: ['list'], timeout: NFACCT_TIMEOUT });
  const lines = (goodOutput(result) ?? '').matchAll(/\{ pkts = (\d+),[^}]*\} = (\w+);/g);
  return new Map([...lines].map(([, packets, name = '']) => [name, Number(packets)]));
}
