/** What other programs do to traffic of Services, and what `vipc verify` leaves to them. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runIn } from '../support/process/run-in.js';
import {
  BEFORE,
  CONFIG,
  type Found,
  HOST,
  OBJECTS,
  verifiedRules,
  verify,
  verifyJson,
} from './verified.js';

describe('cli/verify, of rules of others', () => {
  const rules = verifiedRules();
  const { fileOf, verifyText, foundWith } = rules;

  it('reports what other programs do to traffic of Services, and nothing else', async () => {
    const masquerade = '-A POSTROUTING -s 10.81.0.0/16 ! -d 10.81.0.0/16 -j MASQUERADE\n';
    const own = BEFORE.replace(/^(?=-A POSTROUTING )/m, masquerade);
    expect((await verifyText(own)).answer).to.equal('proven');
    const drop = '-A FORWARD -p udp -m udp --dport 45408 -j DROP\n';
    const found = await verifyText(BEFORE.replace(/^(?=-A FORWARD )/m, drop));
    expect(found.answer).to.equal('refuted');
    expect(found.families.ipv4.findings[0]?.found).to.deep.equal([{ outcome: 'drop', share: '1' }]);
    expect(found.families.ipv4.findings[0]?.path.at(-1)?.line).to.equal(drop.trimEnd());
  });

  it('lets other programs drop what rules for Services would have dropped', async () => {
    const drop = '-A INPUT -d 127.0.0.0/8 -p udp -j DROP\n';
    expect((await verifyText(BEFORE.replace(/^(?=-A INPUT )/m, drop))).answer).to.equal('proven');
  });

  it('lets other programs drop what rules for Services let pass: what the node asks without endpoints', async () => {
    const objects = join(rules.folder, 'objects.yaml');
    writeFileSync(
      objects,
      `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: LoadBalancer, allocateLoadBalancerNodePorts: false, clusterIP: 10.96.0.20, ports: [{ port: 80 }] }
status: { loadBalancer: { ingress: [{ ip: 203.0.113.80 }] } }
`,
    );
    const words = ['-f', objects, ...HOST];
    const { out } = await runIn(['compile', ...words, '--family', 'ipv4']);
    const policy = out.replace(/^\*filter\n/m, '*filter\n:OUTPUT DROP [0:0]\n');
    expect(policy).not.to.equal(out);
    const lost = policy.replace(/^-A .* has no endpoints.*\n/gm, '');
    expect(lost).not.to.equal(policy);
    const found = await verifyJson('--rules', fileOf(policy), ...words);
    expect([found.answer, found.families.ipv4.findings]).to.deep.equal(['proven', []]);
    const wrong = await verifyJson('--rules', fileOf(lost), ...words);
    expect(wrong.families.ipv4.findings.map(({ origin }) => origin)).to.include('shop/web TCP');
  });

  /** What is found, and the packet, where a part of the dump is another. */
  it('refutes rules that leave it to others to let masqueraded packets through', async () => {
    const [expected, found] = await foundWith(/^-A KUBE-FORWARD .*--mark .*\n/m, '');
    expect(found).to.deep.equal(
      expected.map((outcome) =>
        outcome.replace(/ masqueraded$/, '$& if others accept it in filter FORWARD'),
      ),
    );
  });

  it('refutes rules that leave it to others to let connections through that exist', async () => {
    expect(await foundWith(/^-A KUBE-FORWARD .*ESTABLISHED.*\n/m, '')).to.deep.equal([
      ['accept'],
      ['accept if others accept it in filter FORWARD'],
    ]);
  });

  it('refutes rules that leave it to others to let health checks in', async () => {
    expect(await foundWith(/^-A KUBE-NODEPORTS .*health check node port.*\n/gm, '')).to.deep.equal([
      ['accept'],
      ['accept if others accept it in filter INPUT'],
    ]);
  });

  it('refutes rules that accept more than they should', async () => {
    const [expected, found] = await foundWith(/(?<=^-A KUBE-POSTROUTING .* )RETURN/m, 'ACCEPT');
    expect(found).to.deep.equal(
      expected.map((outcome) => `${outcome} past other rules of nat POSTROUTING`),
    );
  });

  it('leaves it to others what they accept', async () => {
    const own = /^-A KUBE-FORWARD .*ESTABLISHED.*\n/m;
    const others = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n';
    const text = BEFORE.replace(own, '').replace(/^(?=-A FORWARD )/m, others);
    expect((await verifyText(text)).answer).to.equal('proven');
  });

  describe('what others change, and no client of a Service sees', () => {
    const accept = '-A FORWARD -m conntrack --ctstate INVALID -j ACCEPT\n';
    const masquerade = '-A POSTROUTING -o eth0 -j MASQUERADE\n';
    const kinds = ({ families }: Found): readonly string[] =>
      families.ipv4.findings.map(({ kind, frontend }) => `${kind} ${frontend}`);

    it('is reported, and refutes nothing', async () => {
      const text = BEFORE.replace(/^(?=-A FORWARD )/m, accept);
      const found = await verifyText(text);
      expect([found.answer, found.code]).to.deep.equal(['proven', 0]);
      expect(kinds(found)).to.deep.equal(['changed later packets']);
      const { out } = await verify('--rules', fileOf(text), ...OBJECTS, ...CONFIG);
      expect(out).to.include('changed by the rules of others: later packets, from ');
      expect(out).to.match(/x 3 sources: all as expected; changed by .* in one place, which /);
    });

    it('is a mark on what they masquerade first', async () => {
      const found = await verifyText(BEFORE.replace(/^(?=-A POSTROUTING )/m, masquerade));
      const outcomes = found.families.ipv4.findings
        .filter(({ kind }) => kind === 'changed')
        .flatMap((finding) => finding.found.map(({ outcome }) => outcome));
      expect(
        outcomes.some((outcome) => outcome.endsWith(' masqueraded with mark 0x4000')),
      ).to.equal(true);
    });

    it('is nothing that rules for Services should have done before', async () => {
      const behind = BEFORE.replace(/^-A KUBE-FORWARD .*INVALID.*\n/m, '').replace(
        /(?<=kubernetes forwarding rules" -j KUBE-FORWARD\n)/,
        accept,
      );
      expect(kinds(await verifyText(behind))).to.deep.equal(['refuted later packets']);
      const marked = BEFORE.replace(/^-A KUBE-POSTROUTING -j MARK .*\n/m, '');
      const answer = await verifyText(marked);
      expect(answer.answer).to.equal('refuted');
      expect(kinds(answer).some((text) => text.startsWith('changed'))).to.equal(false);
    });
  });
});
