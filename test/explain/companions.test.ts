/**
 * Packets through the rules of well-known companions beside those of kube-proxy, in both modes: the
 * answer that follows from the rules, or unknown by the name of what is not understood.
 */

import { expect } from 'chai';
import { machineOf } from '../../src/explain/machine.js';
import { type Packet, type Trace, tracePacket } from '../../src/explain/trace.js';
import type { BackendName } from '../../src/index.js';
import { Router } from '../../src/netfilter/route.js';
import { ip, outcomesOf } from '../netfilter/small-programs.js';
import { type CompanionRules, HOST, programBeside } from '../support/cases/companions.js';

interface Companion extends CompanionRules {
  /** What the machine has besides its own address. */
  readonly addresses?: readonly string[];
  readonly questions: readonly Question[];
}

interface Question {
  readonly what: string;
  readonly packet: Packet;
  /** In both modes, or in each. */
  readonly found: readonly string[] | Readonly<Record<BackendName, readonly string[]>>;
  /** What is named as not known. */
  readonly unknown?: readonly RegExp[];
  /** The same of what it depends on. */
  readonly open?: Question['found'];
}

function packet(source: string, to: string, inInterface?: string): Packet {
  const [, destination = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(to) ?? [];
  return {
    ...{ source: ip(source), destination: ip(destination), protocol: 'tcp', port: Number(port) },
    ...{ start: inInterface === undefined ? 'output' : 'prerouting', inInterface },
  };
}

const [POD, OUTSIDE, BANNED, NODE] = ['10.244.1.5', '203.0.113.9', '203.0.113.66', '192.168.0.10'];
const CLUSTER_IP = '10.96.0.10:80';
const NODE_PORT = `${NODE}:30080`;
const ENDPOINT = 'accept 10.244.1.7:8080 1/1';
const MASQUERADED = 'accept 10.244.1.7:8080 masqueraded 1/1';
const maybe = (...words: readonly string[]): readonly string[] =>
  words.map((text) => `${text} 0/1..1/1`).sort();

const fromPod = (inInterface: string, found: Question['found']): Question => ({
  what: 'a Pod to the ClusterIP',
  packet: packet(POD, CLUSTER_IP, inInterface),
  found,
});
const fromOutside = (found: Question['found']): Question => ({
  what: 'a stranger to the node port',
  packet: packet(OUTSIDE, NODE_PORT, 'eth0'),
  found,
});

const COMPANIONS: readonly Companion[] = [
  {
    ...{ name: 'calico', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod(
          'cali0a1b2c3d4e5',
          maybe(
            'accept 10.244.1.7:8080',
            'accept 10.244.1.7:8080 masqueraded',
            'drop',
            'drop 10.244.1.7:8080',
          ),
        ),
        unknown: [/rpfilter/, /ipset cali40s:\S+ by src/, /ipset cali40masq-ipam-pools by src/],
        open: ['oif'],
      },
    ],
  },
  {
    // Rules that stay where the programs that set the mark are gone.
    ...{ name: 'calico-ebpf', tool: 'iptables', first: true },
    questions: [
      fromPod('cali0a1b2c3d4e5', ['drop 10.244.1.7:8080 1/1']),
      fromOutside([MASQUERADED]),
      {
        what: 'a Pod to the node',
        packet: packet(POD, `${NODE}:22`, 'cali0a1b2c3d4e5'),
        found: ['drop 1/1'],
      },
    ],
  },
  {
    // Where the virtual address accepts nothing, what is translated in time passes.
    ...{ name: 'keepalived', tool: 'iptables', first: true },
    addresses: ['192.168.0.100/32'],
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'the virtual address',
        packet: packet(OUTSIDE, '192.168.0.100:22', 'eth0'),
        found: ['drop 1/1'],
      },
      {
        what: 'a node port of the virtual address',
        packet: packet(OUTSIDE, '192.168.0.100:30080', 'eth0'),
        found: { iptables: [MASQUERADED], nftables: ['drop 1/1'] },
      },
    ],
  },
  {
    ...{ name: 'cilium', tool: 'iptables', first: false },
    questions: [fromPod('lxc0a1b', [ENDPOINT]), fromOutside([MASQUERADED])],
  },
  {
    ...{ name: 'flannel', tool: 'iptables', first: false },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'what is forwarded to elsewhere meets the policy',
        packet: packet(OUTSIDE, '198.51.100.1:80', 'eth0'),
        found: ['drop 1/1'],
      },
      {
        what: 'a Pod of another node, by WireGuard, to a Pod',
        packet: packet('10.244.2.9', '10.244.1.7:8080', 'flannel-wg'),
        found: ['accept 1/1'],
      },
    ],
  },
  {
    ...{ name: 'flannel', tool: 'nftables', first: false },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'a Pod of another node, by WireGuard, to a Pod',
        packet: packet('10.244.2.9', '10.244.1.7:8080', 'flannel-wg'),
        found: ['accept 1/1'],
      },
      {
        what: 'a Pod of this node to one of another',
        packet: packet(POD, '10.244.2.9:8080', 'cni0'),
        found: ['accept 1/1'],
      },
      {
        what: 'a Pod to the Internet',
        packet: packet(POD, '198.51.100.1:443', 'cni0'),
        found: ['accept masqueraded 1/1'],
      },
    ],
  },
  {
    ...{ name: 'kube-router', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod('cni0', maybe('accept 10.244.1.7:8080', 'reject 10.244.1.7:8080')),
        unknown: [/ipset KUBE-SRC-IQP7J7LYZW by dst, translated/],
      },
      {
        what: 'the node itself to the ClusterIP is not filtered',
        packet: packet(NODE, CLUSTER_IP),
        found: [MASQUERADED],
      },
    ],
  },
  {
    ...{ name: 'docker', tool: 'iptables', first: true },
    questions: [
      fromPod('cni0', ['drop 10.244.1.7:8080 1/1']),
      fromOutside({ iptables: [MASQUERADED], nftables: ['drop 10.244.1.7:8080 1/1'] }),
      {
        what: 'a published port',
        packet: packet(OUTSIDE, `${NODE}:8088`, 'eth0'),
        found: maybe('accept 172.17.0.2:80', 'drop 172.17.0.2:80'),
        open: ['oif'],
      },
      {
        what: 'a published port, from a container: docker-proxy listens',
        packet: packet('172.17.0.3', `${NODE}:8088`, 'docker0'),
        found: ['accept 1/1'],
      },
      {
        what: 'a published port of localhost: docker-proxy listens',
        packet: packet('127.0.0.1', '127.0.0.1:8088'),
        found: ['accept 1/1'],
      },
    ],
  },
  {
    // With "userland-proxy": false there is no docker-proxy, and rules translate these too.
    ...{ name: 'docker-hairpin', tool: 'iptables', first: true },
    questions: [
      {
        what: 'a published port, from a container',
        packet: packet('172.17.0.3', `${NODE}:8088`, 'docker0'),
        found: maybe('accept 172.17.0.2:80', 'accept 172.17.0.2:80 masqueraded'),
        open: ['oif'],
      },
      {
        what: 'a published port of localhost',
        packet: packet('127.0.0.1', '127.0.0.1:8088'),
        found: maybe('accept 172.17.0.2:80', 'accept 172.17.0.2:80 masqueraded'),
        open: ['oif'],
      },
    ],
  },
  {
    ...{ name: 'ufw', tool: 'iptables', first: true },
    questions: [
      fromOutside({ iptables: [MASQUERADED], nftables: ['drop 10.244.1.7:8080 1/1'] }),
      {
        what: 'a port with a limit',
        packet: packet(OUTSIDE, `${NODE}:22`, 'eth0'),
        found: maybe('accept', 'reject'),
        unknown: [/recent --update --seconds 30 --hitcount 6/],
      },
      {
        what: 'an open port',
        packet: packet(OUTSIDE, `${NODE}:443`, 'eth0'),
        found: ['accept 1/1'],
      },
      {
        what: 'a closed port',
        packet: packet(OUTSIDE, `${NODE}:8443`, 'eth0'),
        found: ['drop 1/1'],
      },
      { what: 'the node to itself', packet: packet(NODE, `${NODE}:8443`), found: ['accept 1/1'] },
    ],
  },
  ...(['iptables', 'nftables'] as const).map(
    (tool): Companion => ({
      ...{ name: 'fail2ban', tool, first: true },
      questions: [
        {
          what: 'one that is banned does not reach the node',
          packet: packet(BANNED, `${NODE}:22`, 'eth0'),
          found: ['reject 1/1'],
        },
        {
          what: 'others do',
          packet: packet(OUTSIDE, `${NODE}:22`, 'eth0'),
          found: ['accept 1/1'],
        },
        {
          what: 'one that is banned reaches a node port, which is not in INPUT',
          packet: packet(BANNED, NODE_PORT, 'eth0'),
          found: [MASQUERADED],
        },
      ],
    }),
  ),
  {
    ...{ name: 'weave', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod('weave', maybe('accept 10.244.1.7:8080', 'drop 10.244.1.7:8080')),
        unknown: [/physdev/, /ipset weave-;rGqyMIl1HN\^cfDki~Z\$3\]6!N by dst, translated/],
        open: ['oif'],
      },
    ],
  },
  {
    ...{ name: 'aws-vpc-cni', tool: 'iptables', first: false },
    questions: [
      fromPod('eni0a1b', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'a Pod to the Internet gets the address of the node, but not into a VLAN',
        packet: packet(POD, '198.51.100.1:443', 'eni0a1b'),
        found: maybe('accept', 'accept masqueraded'),
        open: ['oif'],
      },
    ],
  },
  {
    ...{ name: 'hostport', tool: 'iptables', first: false },
    questions: [
      fromOutside([MASQUERADED]),
      { what: 'a host port', packet: packet(OUTSIDE, `${NODE}:8090`, 'eth0'), found: [ENDPOINT] },
      {
        what: 'a host port, from a Pod of the node',
        packet: packet(POD, `${NODE}:8090`, 'cni0'),
        found: [MASQUERADED],
      },
    ],
  },
  {
    ...{ name: 'hostport', tool: 'nftables', first: false },
    questions: [
      fromOutside([MASQUERADED]),
      { what: 'a host port', packet: packet(OUTSIDE, `${NODE}:8090`, 'eth0'), found: [ENDPOINT] },
      {
        what: 'a host port of one address, from the node',
        packet: packet(NODE, `${NODE}:8091`),
        found: [ENDPOINT],
      },
    ],
  },
  {
    ...{ name: 'firewalld', tool: 'nftables', first: true },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'an open port',
        packet: packet(OUTSIDE, `${NODE}:443`, 'eth0'),
        found: ['accept 1/1'],
      },
      {
        what: 'a closed port',
        packet: packet(OUTSIDE, `${NODE}:8443`, 'eth0'),
        found: ['reject 1/1'],
      },
      { what: 'the node to itself', packet: packet(NODE, `${NODE}:8443`), found: ['accept 1/1'] },
      {
        what: 'what is forwarded to elsewhere',
        packet: packet(OUTSIDE, '198.51.100.1:80', 'eth0'),
        found: ['reject 1/1'],
      },
    ],
  },
  {
    ...{ name: 'firewalld', tool: 'iptables', first: true },
    questions: [
      fromPod('cni0', { iptables: [ENDPOINT], nftables: [ENDPOINT] }),
      fromOutside([MASQUERADED]),
      {
        what: 'an open port',
        packet: packet(OUTSIDE, `${NODE}:443`, 'eth0'),
        found: ['accept 1/1'],
      },
      {
        what: 'a closed port',
        packet: packet(OUTSIDE, `${NODE}:8443`, 'eth0'),
        found: ['reject 1/1'],
      },
      {
        what: 'what is forwarded to elsewhere',
        packet: packet(OUTSIDE, '198.51.100.1:80', 'eth0'),
        found: ['reject 1/1'],
      },
    ],
  },
  {
    ...{ name: 'docker-dns', tool: 'iptables', first: true },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      {
        what: 'the name server of a node that is a container',
        packet: packet(NODE, '172.18.0.1:53'),
        found: ['accept 127.0.0.11:36373 1/1'],
      },
      {
        what: 'another port of that address',
        packet: packet(NODE, '172.18.0.1:80'),
        found: ['accept 1/1'],
      },
    ],
  },
  {
    ...{ name: 'tailscale', tool: 'iptables', first: true },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      {
        what: 'a machine of the tailnet to the node port',
        packet: packet('100.64.0.7', NODE_PORT, 'tailscale0'),
        found: [MASQUERADED],
      },
      {
        what: 'the address of the tailnet from elsewhere',
        packet: packet('100.64.0.7', `${NODE}:22`, 'eth0'),
        found: ['drop 1/1'],
      },
    ],
  },
  {
    ...{ name: 'kube-ovn', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod('ovn0', maybe('accept 10.244.1.7:8080', 'accept 10.244.1.7:8080 masqueraded')),
        unknown: [/ipset ovn40subnets by src/, /ipset ovn40subnets-nat by src/],
      },
    ],
  },
  {
    ...{ name: 'nodelocaldns', tool: 'iptables', first: true },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'what is not tracked is not translated',
        packet: packet(POD, '10.96.0.11:53', 'cni0'),
        found: ['accept 1/1'],
      },
      {
        what: 'the cache itself, from the node',
        packet: packet(NODE, '169.254.20.10:53'),
        found: ['accept 1/1'],
      },
    ],
  },
  {
    ...{ name: 'istio-sidecar', tool: 'iptables', first: true },
    questions: [
      {
        what: 'a program to the ClusterIP goes to the proxy, unless it is the proxy',
        packet: packet(POD, CLUSTER_IP),
        found: maybe('accept 10.244.1.7:8080', 'accept 127.0.0.1:15001', 'accept 127.0.0.1:15006'),
        unknown: [
          ...[/owner --uid-owner 1337/, /owner ! --uid-owner 1337/],
          ...[/owner --gid-owner 1337/, /owner ! --gid-owner 1337/],
        ],
        open: ['oif'],
      },
      {
        what: 'what arrives goes to the proxy',
        packet: packet(OUTSIDE, `${NODE}:8080`, 'eth0'),
        found: [`accept ${NODE}:15006 1/1`],
      },
    ],
  },
  {
    ...{ name: 'istio-ambient', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod('cni0', [ENDPOINT]),
      },
      {
        what: 'a probe of the node gets an address of its own, if the ipset has the Pod',
        packet: packet(NODE, CLUSTER_IP),
        found: maybe('accept 10.244.1.7:8080', 'accept 10.244.1.7:8080 masqueraded'),
        unknown: [/owner --socket-exists/, /ipset istio-inpod-probes-v4 by dst/],
      },
    ],
  },
  {
    ...{ name: 'linkerd', tool: 'iptables', first: true },
    questions: [
      {
        what: 'a program to the ClusterIP goes to the proxy, unless it is the proxy',
        packet: packet(POD, CLUSTER_IP),
        found: maybe('accept 10.244.1.7:8080', 'accept 127.0.0.1:4140'),
        unknown: [/owner --uid-owner 2102/],
        open: ['oif'],
      },
      {
        what: 'a port of the proxy',
        packet: packet(OUTSIDE, `${NODE}:4191`, 'eth0'),
        found: ['accept 1/1'],
      },
    ],
  },
  {
    ...{ name: 'antrea', tool: 'iptables', first: false },
    questions: [
      {
        ...fromPod(
          'antrea-gw0',
          maybe('accept 10.244.1.7:8080', 'accept 10.244.1.7:8080 masqueraded'),
        ),
        unknown: [/ipset ANTREA-POD-IP by dst, translated/],
        open: ['oif'],
      },
      fromOutside([MASQUERADED]),
    ],
  },
  {
    ...{ name: 'ovn-kubernetes', tool: 'iptables', first: true },
    questions: [
      {
        ...fromPod(
          'ovn-k8s-mp0',
          maybe('accept 10.244.1.7:8080', 'accept 10.244.1.7:8080 masqueraded'),
        ),
        open: ['oif'],
      },
      {
        // OVN balances behind its own translation; mode nftables refuses what still asks for it.
        ...fromOutside({
          iptables: maybe('accept 10.96.0.10:80', 'accept 10.96.0.10:80 masqueraded'),
          nftables: ['reject 10.96.0.10:80 1/1'],
        }),
        open: { iptables: ['oif'], nftables: [] },
      },
      {
        what: 'the node itself to the ClusterIP',
        packet: packet(NODE, CLUSTER_IP),
        found: [MASQUERADED],
      },
    ],
  },
  {
    ...{ name: 'netavark', tool: 'nftables', first: true },
    questions: [
      fromPod('cni0', [ENDPOINT]),
      fromOutside([MASQUERADED]),
      {
        what: 'a published port',
        packet: packet(OUTSIDE, `${NODE}:8096`, 'eth0'),
        found: ['accept 10.88.0.2:80 1/1'],
      },
      {
        what: 'a published port, from a container',
        packet: packet('10.88.0.3', `${NODE}:8096`, 'podman0'),
        found: ['accept 10.88.0.2:80 masqueraded 1/1'],
      },
    ],
  },
  {
    ...{ name: 'ufw', tool: 'iptables', first: true, family: 'IPv6' },
    questions: [
      {
        what: 'a stranger to the node port',
        packet: packet('2001:db8::9', '[fd00:192:168::10]:30080', 'eth0'),
        found: {
          iptables: ['accept fd00:10:244:1::7:8080 masqueraded 1/1'],
          nftables: ['drop fd00:10:244:1::7:8080 1/1'],
        },
      },
      {
        what: 'a closed port',
        packet: packet('2001:db8::9', '[fd00:192:168::10]:8443', 'eth0'),
        found: ['drop 1/1'],
      },
    ],
  },
  {
    ...{ name: 'docker', tool: 'iptables', first: true, family: 'IPv6' },
    questions: [
      {
        what: 'a published port',
        packet: packet('2001:db8::9', '[fd00:192:168::10]:8088', 'eth0'),
        found: maybe('accept fd00:d0c::2:80', 'drop fd00:d0c::2:80'),
        open: ['oif'],
      },
    ],
  },
  {
    ...{ name: 'fail2ban', tool: 'iptables', first: true, family: 'IPv6' },
    questions: [
      {
        what: 'one that is banned does not reach the node',
        packet: packet('2001:db8::66', '[fd00:192:168::10]:22', 'eth0'),
        found: ['reject 1/1'],
      },
      {
        what: 'others do',
        packet: packet('2001:db8::9', '[fd00:192:168::10]:22', 'eth0'),
        found: ['accept 1/1'],
      },
    ],
  },
];

for (const companion of COMPANIONS)
  for (const mode of ['iptables', 'nftables'] as const)
    describe(`trace: rules of ${companion.name} (${companion.tool}${companion.family === 'IPv6' ? ', IPv6' : ''}) beside mode ${mode}`, () => {
      const [nic] = HOST.interfaces;
      const addresses = [...(nic?.addresses ?? []), ...(companion.addresses ?? [])];
      const host = { ...HOST, interfaces: [{ name: 'eth0', addresses }] };
      const machine = machineOf(companion.family ?? 'IPv4', host, undefined);
      let router: Router;
      before(() => {
        router = new Router(programBeside(companion, mode), machine);
      });

      for (const { what, packet: sent, found, unknown = [], open = [] } of companion.questions)
        it(what, () => {
          const traced: Trace = tracePacket(router, sent);
          const expected = 'iptables' in found ? found[mode] : found;
          expect([...new Set(outcomesOf(traced))], traced.unknown.join('\n')).to.deep.equal(
            expected,
          );
          expect(traced.open).to.deep.equal('iptables' in open ? open[mode] : open);
          for (const name of unknown) expect(traced.unknown.join('\n')).to.match(name);
          if (unknown.length === 0) expect(traced.unknown).to.deep.equal([]);
        });
    });
