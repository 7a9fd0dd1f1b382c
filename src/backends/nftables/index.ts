/** Mode nftables, as the rest of vipc sees it. */

import type { ProxyConfig } from '../../config/types.js';
import type { BackendSettings } from '../../model/settings.js';
import type { Backend, ModeMetrics } from '../backend.js';
import { wholeText } from '../long-text.js';
import { monitoredFamily } from '../monitor.js';
import { NftablesChecker } from './check/check.js';
import { planFromRuleset } from './diff.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { refusedPackets } from './kernel/refused-packets.js';
import { kernelRulesOf } from './kernel-rules.js';
import { LAYOUTS } from './layouts/index.js';
import { isOwned } from './ownership.js';
import { print } from './print.js';
import { nftInput, nftInputInSteps } from './script.js';
import { withSharedChains } from './shared-chains.js';
import { parseDump } from './syntax/parse.js';
import { unsupported } from './versions.js';

export { type Dump, type DumpTable, type DumpUnit, equalDumps, parseDump } from './syntax/parse.js';

/** An event about one of our tables: `add rule ip kube-proxy services …`. */
const OURS = /^\w+ \w+ (ip6?) kube-proxy(?: |$)/;

/**
 * kube-proxy's metrics of mode nftables (pkg/proxy/metrics). It counts failed deletions of stale
 * chains apart; here they are part of the transaction.
 */
const METRICS: ModeMetrics = {
  failures: {
    name: 'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
    help: '[ALPHA] Cumulative proxy nftables sync failures',
  },
  packets: [],
  refusedOnLoopback: {
    name: 'kubeproxy_nftables_localhost_nodeport_rejected_packets_total',
    help: '[ALPHA] Number of packets rejected on localhost NodePorts. UDP and SCTP are always rejected; TCP is rejected when the localhost NodePort proxy is not running',
    read: refusedPackets,
  },
};

export const nftables: Backend = {
  name: 'nftables',
  read: (text, options) => kernelRulesOf(parseDump(wholeText(text), options)),
  planUpdate: planFromRuleset,
  // Nothing in a transaction of nft relies on the text of a rule.
  withoutEdits: (plan) => plan,
  withSharedChains,
  input: nftInput,
  inputInSteps: nftInputInSteps,
  settings,
  isForServices: isOwned,
  layouts: LAYOUTS,
  print,
  behaviour: {
    closesClusterIps: true,
    refusesNode: true,
    refusesNodeFirst: false,
    hairpins: 'local',
    guardsAlways: true,
    refusesNodePortsEverywhere: false,
    dropsInvalid: false,
    sharesChains: false,
    guardsLoopback: false,
    loopbackNodePorts: false,
    refusesLoopbackNodePorts: false,
  },
  unsupported: ({ nft, kernel }) => unsupported(nft, kernel),
  kernel: driver,
  monitor: {
    // About 6,000 Services with 10 endpoints.
    maxBytes: 4_000_000,
    familyOf: (event) => monitoredFamily(OURS, event),
  },
  metrics: METRICS,
  checker: () => new NftablesChecker(),
  ...documents,
};

/**
 * Section `nftables` of the configuration. Without nodePortAddresses node ports answer on the
 * primary address of each family alone, and never on loopback (KEP-3866).
 */
function settings(config: ProxyConfig): BackendSettings {
  const listed = config.nodePortAddresses;
  const rules = config.profile.nftables;
  return {
    ...config.nftables,
    localhostNodePorts: false,
    checksLoopback: typeof rules !== 'string' && rules.localhostNodePorts,
    readsServiceCidrs: typeof rules === 'string' || rules.unallocatedDrop,
    nodePortAddresses: listed.length === 0 ? 'primary-or-all' : listed,
  };
}
