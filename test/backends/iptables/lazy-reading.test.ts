/** What a question about a dump costs: the chains that it is about are read, and no others. */

import { expect } from 'chai';
import { clusterIpsOfDump, frontendsOfDump } from '../../../src/backends/iptables/frontends.js';
import { chainOrigins } from '../../../src/backends/iptables/origin.js';
import { NOTHING_REMEMBERED, ownershipOf } from '../../../src/backends/iptables/ownership.js';
import type { Dump, DumpChain } from '../../../src/backends/iptables/syntax/dump.js';
import { FLOW_PROTOCOLS } from '../../../src/flows/frontends.js';

const RULE =
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU';

/**
 * A dump with one Service; `read` gets the name of a chain each time that its rules are asked for.
 */
function watchedDump(read: string[]): Dump {
  const chain = (name: string, rules: readonly string[]): [string, DumpChain] => [
    name,
    {
      policy: '-',
      get rules() {
        read.push(name);
        return rules;
      },
    },
  ];
  const endpoint = '-A KUBE-SVC-TCOU7JCQXEZGVUNU -j KUBE-SEP-AAAAAAAAAAAAAAAA';
  const nat = new Map([
    chain('KUBE-SEP-BBBBBBBBBBBBBBBB', []),
    chain('KUBE-SERVICES', [RULE]),
    chain('KUBE-SVC-TCOU7JCQXEZGVUNU', [endpoint]),
    chain('KUBE-SEP-AAAAAAAAAAAAAAAA', []),
    chain('KUBE-SVC-CCCCCCCCCCCCCCCC', []),
    chain('cali-PREROUTING', []),
  ]);
  return { tables: new Map([['nat', nat]]) };
}

describe('a dump', () => {
  it('is read where its frontends are', () => {
    const read: string[] = [];
    const frontends = frontendsOfDump(watchedDump(read), 'IPv4', FLOW_PROTOCOLS);
    expect(frontends.map(({ ip }) => ip)).to.deep.equal(['10.96.0.10']);
    expect(read).to.deep.equal(['KUBE-SERVICES']);
  });

  it('is read where its ClusterIPs are', () => {
    const read: string[] = [];
    expect(clusterIpsOfDump(watchedDump(read), 'IPv4')).to.deep.equal(['10.96.0.10']);
    expect(read).to.deep.equal(['KUBE-SERVICES']);
  });

  it('is read where chains of Services are reached', () => {
    const read: string[] = [];
    const nat = watchedDump(read).tables.get('nat') ?? new Map<string, DumpChain>();
    const origins = chainOrigins('nat', nat, ownershipOf(new Map(), NOTHING_REMEMBERED));
    expect(origins.get('KUBE-SEP-AAAAAAAAAAAAAAAA')).to.equal('kube-system/kube-dns:dns UDP');
    expect(read).to.have.members([
      ...['KUBE-SERVICES', 'KUBE-SVC-TCOU7JCQXEZGVUNU', 'KUBE-SEP-AAAAAAAAAAAAAAAA'],
    ]);
  });
});
