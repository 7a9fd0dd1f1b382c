/** Mode iptables, as the rest of vipc sees it. */

import type { ProxyConfig } from '../../config/types.js';
import type { BackendSettings } from '../../model/settings.js';
import type { Backend, ModeMetrics } from '../backend.js';
import { monitoredFamily } from '../monitor.js';
import { oneTransaction } from '../transaction.js';
import { IptablesChecker } from './check/check.js';
import * as documents from './documents.js';
import { rearranged } from './kept.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { LAYOUTS } from './layouts/index.js';
import { isForServices } from './ownership.js';
import { planFromRuleset } from './plan.js';
import { print } from './print.js';
import { restoreInput, restoreInputInSteps } from './restore-input.js';
import { withoutEdits } from './rollback.js';
import { parseDump } from './syntax/parse.js';
import { unsupported } from './versions.js';

export { type Dump, type DumpChain, equalDumps, parseDump } from './syntax/parse.js';

/** An event about one of our tables: `add rule ip nat KUBE-SERVICES …`. */
const OURS = /^\w+ \w+ (ip6?) (?:nat|filter|mangle)(?: |$)/;

/** The tables that kube-proxy counts the rules of. */
const TABLES: readonly string[] = ['filter', 'nat'];

/** kube-proxy's metrics of mode iptables (pkg/proxy/metrics). */
const METRICS: ModeMetrics = {
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

export const iptables: Backend = {
  name: 'iptables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planUpdate: planFromRuleset,
  withoutEdits,
  input: (plan, options) => oneTransaction(restoreInput(plan, options)),
  inputInSteps: function* (plan, options) {
    return oneTransaction(yield* restoreInputInSteps(plan, options));
  },
  settings,
  isForServices,
  layouts: LAYOUTS,
  withSharedChains: rearranged,
  print,
  behaviour: {
    closesClusterIps: false,
    refusesNode: false,
    refusesNodeFirst: false,
    hairpins: 'all',
    guardsAlways: false,
    refusesNodePortsEverywhere: true,
    dropsInvalid: true,
    sharesChains: true,
    guardsLoopback: true,
    loopbackNodePorts: true,
    refusesLoopbackNodePorts: false,
  },
  unsupported,
  kernel: driver,
  monitor: {
    // About 600 Services with 10 endpoints.
    maxBytes: 2_000_000,
    familyOf: (event) => monitoredFamily(OURS, event),
  },
  metrics: METRICS,
  checker: () => new IptablesChecker(),
  ...documents,
};

/**
 * Section `iptables` of the configuration; no nodePortAddresses means every address of the node.
 */
function settings(config: ProxyConfig): BackendSettings {
  const { iptables, nodePortAddresses } = config;
  return { ...iptables, nodePortAddresses, checksLoopback: false, readsServiceCidrs: true };
}

/** How many rules a restore input adds to each table, counted without reading what they say. */
function ruleCounts(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let table = '';
  for (const [, head = '', name = ''] of text.matchAll(/^(?:(-[AI]) |\*(\S+))/gm)) {
    if (head === '') table = name;
    else counts.set(table, (counts.get(table) ?? 0) + 1);
  }
  return counts;
}
