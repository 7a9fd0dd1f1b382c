/** Plans of mode iptables as tests save and load them. */

import { fingerprint } from '../../src/backends/iptables/kernel-rules.js';
import { NOTHING_REMEMBERED } from '../../src/backends/iptables/ownership.js';
import { planFromDump } from '../../src/backends/iptables/plan.js';
import { planFault } from '../../src/backends/iptables/plan-check.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import type { Ruleset } from '../../src/index.js';
import type { Plan } from '../../src/plan/plan.js';
import type { PlanCheck } from '../../src/plan/plan-file.js';

/** A plan for a kernel that holds the rules of a dump, with settings and a stale flow. */
export function planOf(from: string, ruleset: Ruleset): Plan {
  const dump = parseDump(from);
  const found = planFromDump(dump, ruleset);
  return {
    version: 2,
    backend: 'iptables',
    variant: 'nf_tables',
    families: [{ ...found, base: fingerprint(dump, found) }],
    host: [
      { kind: 'sysctl', name: 'net.ipv4.conf.all.route_localnet', before: '0', after: '1' },
      { kind: 'nfacct', name: 'localhost_nps_accepted_pkts' },
    ],
    flows: [
      {
        flow: {
          protocol: 'UDP',
          source: '10.0.0.9',
          sourcePort: 4000,
          destination: '10.96.0.10',
          destinationPort: 53,
          replySource: '10.0.0.53',
          replySourcePort: 53,
          zoned: false,
        },
        origin: 'kube-system/dns:dns UDP',
        cause: 'endpoint-gone',
        reason: '10.0.0.53:53 is gone',
      } as Plan['flows'][number],
    ],
  };
}

/** What is wrong with a plan for a kernel. */
export function checkOf(from: string): PlanCheck {
  const dump = parseDump(from);
  return (family) => planFault(family, dump, NOTHING_REMEMBERED);
}
