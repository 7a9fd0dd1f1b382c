import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  endpointChain,
  serviceChain,
  servicePortHash,
} from '../../../../src/backends/iptables/layouts/kube-proxy/names.js';
import type { Protocol } from '../../../../src/snapshot/types.js';
import { conformanceCases } from '../../../support/cases/conformance-cases.js';

describe('chain names', () => {
  /**
   * Names that are in every cluster that kubeadm made, and in most questions about kube-proxy on
   * the web.
   */
  const known: readonly (readonly [id: string, protocol: Protocol, hash: string])[] = [
    ['default/kubernetes:https', 'TCP', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dns', 'UDP', 'TCOU7JCQXEZGVUNU'],
    ['kube-system/kube-dns:dns-tcp', 'TCP', 'ERIFXISQEP7F7OF4'],
    ['kube-system/kube-dns:metrics', 'TCP', 'JD5MR3NA4I4DYORP'],
  ];
  for (const [id, protocol, hash] of known) {
    it(`${id} is KUBE-SVC-${hash}`, () => {
      expect(serviceChain('SVC', servicePortHash({ id, protocol }))).to.equal(`KUBE-SVC-${hash}`);
    });
  }

  it('kinds share the hash, and fit into the 28 bytes of a chain name', () => {
    const hash = servicePortHash({ id: 'a/b', protocol: 'SCTP' });
    expect(serviceChain('FW', hash)).to.equal(`KUBE-FW-${hash}`);
    expect(serviceChain('EXT', hash)).to.equal(`KUBE-EXT-${hash}`);
    expect(serviceChain('SVL', hash)).to.have.length(25);
    expect(endpointChain({ id: 'a/b', protocol: 'SCTP' }, '10.0.0.1:80')).to.match(
      /^KUBE-SEP-[A-Z2-7]{16}$/,
    );
  });

  it('protocols have chains of their own', () => {
    const hashes = (['TCP', 'UDP', 'SCTP'] as const).map((protocol) =>
      servicePortHash({ id: 'a/b', protocol }),
    );
    expect(new Set(hashes).size).to.equal(3);
  });

  it('are those of every rule that kube-proxy was recorded with', () => {
    const clusterIp =
      /^-A KUBE-SERVICES -d \S+ -p (\w+) -m comment --comment "(\S+) cluster IP" .*-j KUBE-SV[CL]-(\w+)$/gm;
    const endpoint =
      /^-A KUBE-SV[CL]-(\w+) -m comment --comment "(\S+) -> (\S+)" .*-j (KUBE-SEP-\w+)$/gm;
    let services = 0;
    let endpoints = 0;
    for (const { url, recordedHere } of conformanceCases()) {
      if (!recordedHere) continue;
      for (const family of ['v4', 'v6']) {
        const text = readFileSync(new URL(`expected.iptables.${family}`, url), 'utf8');
        const protocols = new Map<string, Protocol>();
        for (const [, proto = '', id = '', hash = ''] of text.matchAll(clusterIp)) {
          const protocol = proto.toUpperCase() as Protocol;
          expect(servicePortHash({ id, protocol }), id).to.equal(hash);
          protocols.set(hash, protocol);
          services++;
        }
        for (const [, hash = '', id = '', target = '', chain] of text.matchAll(endpoint)) {
          const protocol = protocols.get(hash);
          if (protocol === undefined) continue;
          expect(endpointChain({ id, protocol }, target), target).to.equal(chain);
          endpoints++;
        }
      }
    }
    expect(services).to.be.greaterThan(100);
    expect(endpoints).to.be.greaterThan(100);
  });
});
