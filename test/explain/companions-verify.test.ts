/**
 * `vipc verify` of the rules of kube-proxy beside those of companions: what a companion does to
 * traffic of Services is what is found, and nothing else.
 */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { settingOf } from '../../src/explain/expected.js';
import { knownMachine, machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import type { BackendName } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import {
  type CompanionRules,
  compiledRules,
  HOST,
  programBeside,
} from '../support/cases/companions.js';

type Found = readonly string[] | Readonly<Record<BackendName, readonly string[]>>;

const PROVEN: readonly string[] = [];

/**
 * Where others accept before kube-proxy's rules are asked, these keep nobody from loopback
 * addresses and drop no INVALID packets. That concerns no Service, and is told as a change; so is a
 * mark that stays where others masquerade first.
 */
const CASES: readonly (readonly [CompanionRules, Found])[] = [
  [
    { name: 'nodelocaldns', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from all others: accept if others accept it in filter FORWARD',
        'changed: later packets, from pods of this node: accept',
        'changed: later packets, from pods of this node: accept if others accept it in filter FORWARD',
      ],
      nftables: PROVEN,
    },
  ],
  [
    { name: 'calico-ebpf', tool: 'iptables', first: true },
    [
      'refuted: cluster IP 10.96.0.10:80, from all others: drop',
      'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
      'refuted: node port 30080, from all others: drop',
      'refuted: node port 30080, from pods of this node: drop',
    ],
  ],
  [{ name: 'keepalived', tool: 'iptables', first: true }, PROVEN],
  [{ name: 'flannel', tool: 'nftables', first: false }, PROVEN],
  [
    { name: 'istio-sidecar', tool: 'iptables', first: true },
    [
      'changed: no Service, from all others: accept',
      'changed: no Service, from pods of this node: accept',
      'changed: no Service, from this node: accept',
      'refuted: cluster IP 10.96.0.10:80, from all others: accept to 192.168.0.10:15006',
      'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 192.168.0.10:15006',
      'refuted: node port 30080, from all others: accept to 192.168.0.10:15006',
      'refuted: node port 30080, from pods of this node: accept to 192.168.0.10:15006',
      'unknown: cluster IP 10.96.0.10:80, from this node: accept to 127.0.0.1:15001',
      'unknown: node port 30080, from this node: accept to 127.0.0.1:15001',
    ],
  ],
  [
    { name: 'istio-ambient', tool: 'iptables', first: true },
    [
      'unknown: cluster IP 10.96.0.10:80, from this node: accept to 10.244.1.7:8080 from 169.254.7.127',
      'unknown: node port 30080, from this node: accept to 10.244.1.7:8080 from 169.254.7.127',
    ],
  ],
  [
    { name: 'linkerd', tool: 'iptables', first: true },
    [
      'changed: no Service, from all others: accept',
      'changed: no Service, from pods of this node: accept',
      'changed: no Service, from this node: accept',
      'refuted: cluster IP 10.96.0.10:80, from all others: accept to 192.168.0.10:4143',
      'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 192.168.0.10:4143',
      'refuted: node port 30080, from all others: accept to 192.168.0.10:4143',
      'refuted: node port 30080, from pods of this node: accept to 192.168.0.10:4143',
      'unknown: cluster IP 10.96.0.10:80, from this node: accept to 127.0.0.1:4140',
      'unknown: node port 30080, from this node: accept to 127.0.0.1:4140',
    ],
  ],
  [
    { name: 'ovn-kubernetes', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: cluster IP 10.96.0.10:80, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: cluster IP 10.96.0.10:80, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
        'refuted: node port 30080, from all others: accept to 10.96.0.10:80',
        'refuted: node port 30080, from pods of this node: accept to 10.96.0.10:80',
        'refuted: node port 30080, from this node: accept to 10.96.0.10:80',
      ],
      nftables: [
        'changed: cluster IP 10.96.0.10:80, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: cluster IP 10.96.0.10:80, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: no Service, from all others: reject port-unreachable',
        'changed: no Service, from pods of this node: reject port-unreachable',
        'changed: no Service, from this node: reject port-unreachable',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
        'refuted: node port 30080, from all others: reject port-unreachable',
        'refuted: node port 30080, from pods of this node: reject port-unreachable',
        'refuted: node port 30080, from this node: reject port-unreachable',
      ],
    },
  ],
  [
    { name: 'antrea', tool: 'iptables', first: false },
    {
      iptables: [
        'changed: later packets, from all others: drop',
        'changed: later packets, from pods of this node: drop',
        'changed: later packets, from this node: drop',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded if others accept it in filter FORWARD',
      ],
      nftables: [
        'changed: no Service, from this node: accept',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
      ],
    },
  ],
  [{ name: 'aws-vpc-cni', tool: 'iptables', first: false }, PROVEN],
  [
    { name: 'calico', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: cluster IP 10.96.0.10:80, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: node port 30080, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
      nftables: [
        'changed: cluster IP 10.96.0.10:80, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: node port 30080, from this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [{ name: 'cilium', tool: 'iptables', first: false }, PROVEN],
  [
    { name: 'docker', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: cluster IP 10.96.0.10:80, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: node port 30080, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
      ],
      nftables: [
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [{ name: 'docker-dns', tool: 'iptables', first: true }, PROVEN],
  [{ name: 'fail2ban', tool: 'iptables', first: true }, PROVEN],
  [{ name: 'fail2ban', tool: 'nftables', first: true }, PROVEN],
  [
    { name: 'firewalld', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: later packets, from this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: no Service, from this node: accept',
      ],
      nftables: PROVEN,
    },
  ],
  [{ name: 'firewalld', tool: 'nftables', first: true }, PROVEN],
  [{ name: 'flannel', tool: 'iptables', first: false }, PROVEN],
  [
    { name: 'hostport', tool: 'iptables', first: false },
    {
      iptables: [
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: no Service, from this node: accept',
      ],
      nftables: ['changed: no Service, from pods of this node: accept masqueraded'],
    },
  ],
  [
    { name: 'hostport', tool: 'nftables', first: false },
    {
      iptables: [
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: no Service, from this node: accept',
      ],
      nftables: ['changed: no Service, from pods of this node: accept masqueraded'],
    },
  ],
  [
    { name: 'kube-ovn', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
      ],
      nftables: [
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
      ],
    },
  ],
  [
    { name: 'kube-router', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'unknown: cluster IP 10.96.0.10:80, from all others: reject port-unreachable',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: reject port-unreachable',
        'unknown: node port 30080, from all others: reject port-unreachable',
        'unknown: node port 30080, from pods of this node: reject port-unreachable',
      ],
      nftables: [
        'unknown: cluster IP 10.96.0.10:80, from all others: reject port-unreachable',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: reject port-unreachable',
        'unknown: node port 30080, from all others: reject port-unreachable',
        'unknown: node port 30080, from pods of this node: reject port-unreachable',
      ],
    },
  ],
  [
    { name: 'netavark', tool: 'nftables', first: true },
    {
      iptables: [
        'changed: cluster IP 10.96.0.10:80, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: no Service, from this node: accept',
        'changed: node port 30080, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
      ],
      nftables: [
        'changed: cluster IP 10.96.0.10:80, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'changed: node port 30080, from all others: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
      ],
    },
  ],
  [
    { name: 'tailscale', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'changed: node port 30080, from pods of this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
        'refuted: node port 30080, from all others: drop',
      ],
      nftables: [
        'changed: node port 30080, from pods of this node: accept to 10.244.1.7:8080 masqueraded with mark 0x4000',
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: accept to 10.244.1.7:8080 masqueraded',
        'refuted: node port 30080, from all others: drop',
      ],
    },
  ],
  [
    { name: 'ufw', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'changed: no Service, from all others: accept',
        'changed: no Service, from pods of this node: accept',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
      ],
      nftables: [
        'refuted: cluster IP 10.96.0.10:80, from all others: drop',
        'refuted: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [
    { name: 'weave', tool: 'iptables', first: true },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'unknown: cluster IP 10.96.0.10:80, from all others: drop',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'unknown: node port 30080, from all others: drop',
        'unknown: node port 30080, from pods of this node: drop',
      ],
      nftables: [
        'unknown: cluster IP 10.96.0.10:80, from all others: drop',
        'unknown: cluster IP 10.96.0.10:80, from pods of this node: drop',
        'unknown: node port 30080, from all others: drop',
        'unknown: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [
    { name: 'ufw', tool: 'iptables', first: true, family: 'IPv6' },
    {
      iptables: ['refuted: cluster IP [fd00:10:96::10]:80, from pods of this node: drop'],
      nftables: [
        'refuted: cluster IP [fd00:10:96::10]:80, from all others: drop',
        'refuted: cluster IP [fd00:10:96::10]:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [
    { name: 'docker', tool: 'iptables', first: true, family: 'IPv6' },
    {
      iptables: [
        'changed: later packets, from all others: accept',
        'changed: later packets, from pods of this node: accept',
        'refuted: cluster IP [fd00:10:96::10]:80, from all others: drop',
        'refuted: cluster IP [fd00:10:96::10]:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
      nftables: [
        'refuted: cluster IP [fd00:10:96::10]:80, from all others: drop',
        'refuted: cluster IP [fd00:10:96::10]:80, from pods of this node: drop',
        'refuted: node port 30080, from all others: drop',
        'refuted: node port 30080, from pods of this node: drop',
      ],
    },
  ],
  [{ name: 'fail2ban', tool: 'iptables', first: true, family: 'IPv6' }, PROVEN],
];

/** Each finding once: its kind, the frontend, who asks, and what happens that was not expected. */
function findings(rules: CompanionRules, mode: BackendName): readonly string[] {
  const { family = 'IPv4' } = rules;
  const { behaviour, isForServices } = BACKENDS[mode];
  const machine = knownMachine(machineOf(family, HOST, undefined));
  const { model } = compiledRules(mode, family);
  const verdict = verify(
    new Router(programBeside(rules, mode), machine),
    model,
    settingOf(model, machine, behaviour),
    { owns: (chain, rule) => isForServices(chain.table, chain.name, rule?.comment ?? '') },
  );
  const said = verdict.findings.map(({ kind, traffic, found, expected }) => {
    const others = [...found.keys()].filter((outcome) => !expected.has(outcome)).sort();
    return `${kind}: ${traffic.what}, from ${traffic.sender.name}: ${others.join(', ')}`;
  });
  return [...new Set(said)].sort();
}

for (const [rules, found] of CASES)
  for (const mode of ['iptables', 'nftables'] as const)
    it(`verify: ${rules.name} (${rules.tool}, ${rules.family ?? 'IPv4'}) beside mode ${mode}`, () => {
      expect(findings(rules, mode)).to.deep.equal('iptables' in found ? found[mode] : found);
    });
