/** kube-proxy's metrics of mode nftables (pkg/proxy/metrics). */

import type { ModeMetrics } from '../backend.js';

/**
 * kube-proxy counts failed deletions of stale chains apart; here they are part of the transaction.
 */
export const METRICS: ModeMetrics = {
  failures: {
    name: 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
    help: '[ALPHA] Cumulative proxy nftables sync failures',
  },
  packets: [],
};
