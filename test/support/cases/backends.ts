/** The backends for suites that run over all of them. */

import type { BackendName, Family } from '../../../src/index.js';
import { checkScript } from '../canon/nft-checks.js';
import { checkDocument } from '../canon/rule-checks.js';
import { RULE_TARGETS, type RuleTargets } from '../canon/rule-targets.js';

/** Where a Service answers. */
export interface Answer {
  readonly family: Family;
  readonly ip: string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  /** `namespace/name:port` */
  readonly id: string;
}

export interface TestedBackend {
  readonly mode: BackendName;
  /** Throws for a document of one family that is not as it must be. */
  readonly check: (text: string, family: Family) => void;
  /** The lines that say what happens to packets for an address. */
  readonly linesFor: (text: string, answer: Answer) => readonly string[];
  /** What one printed document says about packets. */
  readonly rulesOf: (text: string, family: Family) => RuleTargets;
}

export const TESTED_BACKENDS: readonly TestedBackend[] = [
  {
    mode: 'iptables',
    check: checkDocument,
    rulesOf: RULE_TARGETS.iptables,
    linesFor: (text, { family, ip, protocol, port, id }) => {
      const start = `-A KUBE-SERVICES -d ${ip}/${family === 'IPv4' ? 32 : 128} -p ${protocol.toLowerCase()} -m comment --comment "${id} `;
      return text
        .split('\n')
        .filter((line) => line.startsWith(start) && line.includes(` --dport ${port} -j `));
    },
  },
  {
    mode: 'nftables',
    check: checkScript,
    rulesOf: RULE_TARGETS.nftables,
    linesFor: (text, { ip, protocol, port }) => {
      const key = ` { ${ip} . ${protocol.toLowerCase()} . ${port} `;
      return text
        .split('\n')
        .filter((line) =>
          /^add element \S+ kube-proxy (?:service-ips|no-endpoint-services) /.test(line),
        )
        .filter((line) => line.includes(key));
    },
  },
];
