/** Whether a kernel has rules for Services: what decides if an agent begins with what it saved. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { dumpText } from '../support/cases/dumps.js';

const KUBELET = `*filter
:INPUT ACCEPT [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
COMMIT
*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:KUBE-MARK-DROP - [0:0]
COMMIT
`;

describe('backends: whether a kernel is programmed', () => {
  it('not where there is nothing, or only what kubelet made', () => {
    for (const text of ['', KUBELET])
      expect(BACKENDS.iptables.read(text).isProgrammed(), text).to.equal(false);
    expect(BACKENDS.nftables.read('{"nftables": []}').isProgrammed()).to.equal(false);
  });

  it('by whoever did it', () => {
    const saved = dumpText('iptables-1.8.9/nft.006-clusterip-sctp.v4.save');
    expect(BACKENDS.iptables.read(saved).isProgrammed()).to.equal(true);
    const listed = dumpText('nft-1.0.6/006-clusterip-sctp.v4.json');
    expect(BACKENDS.nftables.read(listed).isProgrammed()).to.equal(true);
  });
});
