/**
 * kube-proxy's metrics of mode iptables (pkg/proxy/metrics), and how rules are counted for them.
 */

import type { ModeMetrics } from '../backend.js';

/** The tables that kube-proxy counts the rules of. */
const TABLES: readonly string[] = ['filter', 'nat'];

export const METRICS: ModeMetrics = {
  failures: {
    name: 'kubeproxy_sync_proxy_rules_iptables_restore_failures_total',
    help: '[ALPHA] Cumulative proxy iptables restore failures',
  },
  partialFailures: {
    name: 'kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total',
    help: '[ALPHA] Cumulative proxy iptables partial restore failures',
  },
  rules: {
    last: {
      name: 'kubeproxy_sync_proxy_rules_iptables_last',
      help: '[ALPHA] Number of iptables rules written by kube-proxy in last sync',
    },
    total: {
      name: 'kubeproxy_sync_proxy_rules_iptables_total',
      help: '[ALPHA] Total number of iptables rules owned by kube-proxy',
    },
    tables: TABLES,
    count: ruleCounts,
  },
  packets: [
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
  ],
};

/** How many rules a restore input adds to each table, counted without reading what they say. */
export function ruleCounts(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let table = '';
  for (const [, head = '', name = ''] of text.matchAll(/^(?:(-[AI]) |\*(\S+))/gm)) {
    if (head === '') table = name;
    else counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  return counts;
}
