/**
 * `trace` of the library: what becomes of packets, as a value, for every kind of rules that it
 * takes.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  compileSnapshot,
  loadSnapshot,
  nodeRules,
  print,
  type Question,
  trace,
  UsageError,
} from '../../src/index.js';
import { exampleHost, exampleRules, exampleSnapshot } from '../support/cases/example-node.js';

const SAVE = readFileSync('fixtures/dumps/iptables-1.8.9/nft.268-kitchen-sink.v4.save', 'latin1');
const LISTING = readFileSync('fixtures/dumps/nft-1.0.6/268-kitchen-sink.v4.json', 'utf8');
const DNS = { '10.244.1.7:53': '1/2', '10.244.2.9:53': '1/2' };
const SHARES = {
  '10.81.182.156:45408': '1/3',
  '10.81.191.40:45408': '1/3',
  '10.81.212.229:45408': '1/3',
};

/** The error that a question is answered with. */
function refusal(rules: Parameters<typeof trace>[0], question: Question): UsageError {
  try {
    trace(rules, question);
  } catch (error) {
    expect(error).to.be.instanceOf(UsageError);
    return error as UsageError;
  }
  return expect.fail('it is answered');
}

describe('behaviour: trace', () => {
  for (const mode of ['iptables', 'nftables'] as const) {
    const compiled = exampleRules(mode);
    const rules = nodeRules(compiled, { snapshot: exampleSnapshot });

    it(`reports each verdict, in mode ${mode}`, () => {
      const verdicts: readonly (readonly [from: string, to: string, verdict: string])[] = [
        ['pod', '10.96.0.10:53/udp', 'reached'],
        ['pod', 'svc/shop/cart:80', 'refused'],
        ['outside', '203.0.113.80:80', 'dropped'],
        ['pod', '10.244.2.4:8080', 'untouched'],
        ['pod', '10.96.0.10:99', mode === 'iptables' ? 'untouched' : 'refused'],
      ];
      for (const [from, to, verdict] of verdicts)
        expect(rules.trace({ from, to }).verdict, `${from} ${to}`).to.equal(verdict);
      expect(rules.trace({ from: 'pod', to: 'svc/shop/cart:80' }).refusedWith).to.deep.equal([
        'port-unreachable',
      ]);
    });

    it(`reports shares as fractions, and who masquerades, in mode ${mode}`, () => {
      const pod = rules.trace({ from: 'pod', to: 'svc/kube-system/kube-dns:dns' });
      expect(pod.packet).to.equal('udp 10.244.0.1 -> 10.96.0.10:53');
      expect([pod.endpoints, pod.masquerade, pod.masqueradedBy]).to.deep.equal([DNS, 'none', []]);
      const outside = rules.trace({ from: 'outside', to: '10.96.0.10:53/udp' });
      expect([outside.endpoints, outside.masquerade]).to.deep.equal([DNS, 'all']);
      expect(outside.masqueradedBy).to.have.length(1);
      expect(outside.masqueradedBy[0]).to.match(/masquerade/i);
      expect(outside.text).to.include(`    ${outside.masqueradedBy[0]}\n`);
      const hairpin = rules.trace({ from: '10.244.1.7', to: '10.96.0.10:53/udp' });
      expect(hairpin.masquerade).to.equal('some');
      const itself = hairpin.outcomes.filter(({ masquerade }) => masquerade);
      expect(itself.map(({ endpoint }) => endpoint)).to.deep.equal(['10.244.1.7:53']);
    });

    it(`takes text, a Ruleset and a list of them for rules, in mode ${mode}`, () => {
      const question = { from: '10.244.1.9', to: '10.96.0.10:53/udp' };
      const text = print(compiled.ruleset);
      const empty = compileSnapshot(loadSnapshot([]).snapshot, 'IPv6', { mode });
      for (const given of [
        compiled,
        compiled.ruleset,
        text,
        { name: 'rules', text },
        [empty, compiled],
        [print(empty.ruleset), text],
        nodeRules(text),
      ])
        expect(trace(given, question).endpoints).to.deep.equal(DNS);
    });

    it(`knows an address of the node that the rules are compiled for, in mode ${mode}`, () => {
      const question = { from: '198.51.100.7', to: '192.168.0.11:30080' };
      const found = trace(compiled, question);
      expect(found.endpoints).to.deep.equal({ '10.244.1.4:8080': '1' });
      const dump = print(compiled.ruleset);
      // In mode nftables the rules name the addresses that accept node ports.
      expect(trace(dump, question).verdict).to.equal(mode === 'iptables' ? 'unknown' : 'reached');
      const known = nodeRules(dump, { host: exampleHost });
      expect(known.trace(question).endpoints).to.deep.equal(found.endpoints);
    });
  }

  for (const [tool, dump] of Object.entries({ SAVE, LISTING }))
    it(`reads a dump of a real machine: ${tool}`, () => {
      const found = trace(dump, { from: '10.81.0.9', to: '10.82.95.113:53/udp' });
      expect(found.endpoints).to.deep.equal(SHARES);
    });

  it('takes the address of a Service in the family of the rules', () => {
    const { snapshot } = loadSnapshot([
      {
        name: 'dual.yaml',
        text: `{apiVersion: v1, kind: Service, metadata: {name: both}, spec: {clusterIP: 10.96.0.9,
clusterIPs: [10.96.0.9, "fd00:10:96::9"], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack,
ports: [{port: 80}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv6, ports: [{port: 8080}],
metadata: {name: both-6, labels: {kubernetes.io/service-name: both}},
endpoints: [{addresses: ["fd00:10:244::7"]}]}
`,
      },
    ]);
    const compiled = (['IPv4', 'IPv6'] as const).map((one) => compileSnapshot(snapshot, one));
    const [, six] = compiled;
    const rules = nodeRules(print(six!.ruleset), { compiled });
    const found = rules.trace({ from: 'outside', to: 'svc/both:80' });
    expect(found.endpoints).to.deep.equal({ '[fd00:10:244::7]:8080': '1' });
  });

  it('takes names from objects for the rules of a dump', () => {
    const dump = print(exampleRules('nftables').ruleset);
    const rules = nodeRules(dump, { compiled: exampleRules('iptables') });
    expect(rules.trace({ from: 'pod', to: 'kube-dns.kube-system:dns' }).endpoints).to.deep.equal(
      DNS,
    );
    const { message, hint } = refusal(dump, { from: '10.0.0.1', to: 'svc/web:80' });
    expect(message).to.equal('to: the address of default/web is not known without objects');
    expect(hint).to.not.equal('');
  });

  it('follows affinity, the interface and the hook that a question names', () => {
    const question = { from: '10.81.0.9', to: '10.82.95.113:53/udp' };
    const endpoint = '10.81.191.40:45408';
    expect(trace(SAVE, { ...question, affinity: endpoint }).endpoints).to.deep.equal({
      [endpoint]: '1',
    });
    expect(trace(SAVE, { ...question, affinity: 'none' }).endpoints).to.deep.equal(SHARES);
    const guarded = SAVE.replace(/^(?=-A PREROUTING )/m, '-A PREROUTING -i eth1 -j DROP\n');
    expect(trace(guarded, question)).to.deep.include({
      verdict: 'unknown',
      unknown: ['depends on the interface that it arrives on: --in-iface'],
    });
    expect(trace(guarded, { ...question, inInterface: 'eth1' }).verdict).to.equal('dropped');
    expect(trace(guarded, { ...question, inInterface: 'eth0' }).verdict).to.equal('reached');
    expect(trace(guarded, { ...question, hook: 'output' }).verdict).to.equal('reached');
  });

  it('answers each question as if it were the first, whoever sends', () => {
    const questions: readonly Question[] = [
      { from: '192.168.0.11', to: '10.96.0.10:53/udp' },
      { from: '198.51.100.7', to: '192.168.0.11:30080' },
      { from: '192.168.0.11', to: '192.168.0.11:30080' },
      { from: '192.168.0.11', to: '192.168.0.11:30080', hook: 'output' },
      { from: '10.244.1.7', to: '10.96.0.10:53/udp' },
      { from: '198.51.100.7', to: '192.168.0.11:30080', hook: 'output' },
    ];
    const dump = print(exampleRules('iptables').ruleset);
    for (const facts of [{}, { host: exampleHost }]) {
      const rules = nodeRules(dump, facts);
      for (const question of [...questions, ...questions.toReversed()])
        expect(rules.trace(question)).to.deep.equal(nodeRules(dump, facts).trace(question));
    }
  });

  it('gives bounds where something is not understood, and says what', () => {
    const rule = '-A KUBE-SVC-DF52A72VG6EYMOJT -m nosuch --thing 1 -j RETURN\n';
    const odd = SAVE.replace(/^(?=-A KUBE-SVC-DF52A72VG6EYMOJT )/m, rule);
    const found = trace(odd, { from: '10.81.0.9', to: '10.82.95.113:53/udp' });
    expect(found.verdict).to.equal('unknown');
    expect(found.unknown).to.deep.equal(['-m nosuch --thing 1']);
    expect(new Set(Object.values(found.endpoints))).to.deep.equal(new Set(['0 to 1/3']));
  });

  it('refuses words that mean nothing, and a family that the rules do not have', () => {
    const rules = exampleRules('iptables');
    const cases: readonly (readonly [Question, string])[] = [
      [{ from: 'nobody', to: '10.0.0.1:80' }, 'from: "nobody" is not a sender'],
      [{ from: 'pod', to: '10.0.0.1' }, 'to: "10.0.0.1" is not a destination'],
      [
        { from: 'fd00::1', to: '10.0.0.1:80' },
        'from: "fd00::1" is of another IP family than the destination',
      ],
      [
        { from: 'fd00::1', to: '[fd00::2]:80' },
        'the packet is of IPv6, and the rules have none of that family',
      ],
      [
        { from: 'pod', to: '10.96.0.10:53/udp', affinity: '10.244.1.7:53' },
        'affinity: no rule remembers clients of 10.244.1.7:53',
      ],
      [
        { from: 'pod', to: '10.96.0.10:53/udp', hook: 'output', inInterface: 'eth0' },
        'inInterface: a packet that the machine sends arrives on no interface',
      ],
    ];
    for (const [question, message] of cases)
      expect(refusal(rules, question).message).to.equal(message);
    const twice = refusal([rules, rules], { from: 'pod', to: '10.0.0.1:80' });
    expect(twice.message).to.equal('the rules have two parts of IPv4');
  });
});
