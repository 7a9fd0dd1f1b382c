/** Mode iptables, as the rest of vipc sees it. */

import type { Backend } from '../backend.js';
import { monitoredFamily } from '../monitor.js';
import { oneTransaction } from '../transaction.js';
import { IptablesChecker } from './check/check.js';
import * as documents from './documents.js';
import { driver } from './kernel/driver.js';
import { kernelRulesOf } from './kernel-rules.js';
import { LAYOUTS } from './layouts/index.js';
import { METRICS } from './metrics.js';
import { isForServices } from './ownership.js';
import { planFromRuleset } from './plan.js';
import { print } from './print.js';
import { restoreInput } from './restore-input.js';
import { withoutEdits } from './rollback.js';
import { settings } from './settings.js';
import { parseDump } from './syntax/parse.js';
import { unsupported } from './versions.js';

export { type Dump, type DumpChain, equalDumps, parseDump } from './syntax/parse.js';

/** An event about one of our tables: `add rule ip nat KUBE-SERVICES …`. */
const OURS = /^\w+ \w+ (ip6?) (?:nat|filter|mangle)(?: |$)/;

export const iptables: Backend = {
  name: 'iptables',
  read: (text, options) => kernelRulesOf(parseDump(text, options)),
  planUpdate: planFromRuleset,
  withoutEdits,
  input: (plan, options) => oneTransaction(restoreInput(plan, options)),
  settings,
  isForServices,
  layouts: LAYOUTS,
  print,
  behaviour: {
    closesClusterIps: false,
    refusesNode: false,
    hairpins: 'all',
    guardsAlways: false,
    refusesNodePortsEverywhere: true,
    dropsInvalid: true,
    guardsLoopback: true,
    loopbackNodePorts: true,
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
