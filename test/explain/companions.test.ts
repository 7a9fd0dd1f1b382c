/**
 * Packets through the rules of well-known companions beside those of kube-proxy, in both modes: the answer that
 * follows from the rules, or unknown by the name of what is not understood.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { machineOf } from '../../src/explain/machine.js';
import { type Packet, type Trace, trace } from '../../src/explain/trace.js';
import {
  type BackendName,
  compileSnapshot,
  type HostFacts,
  loadConfig,
  loadSnapshot,
  print,
  readRules,
} from '../../src/index.js';
import { joinedPrograms, type Program } from '../../src/netfilter/program.js';
import { Router } from '../../src/netfilter/route.js';
import { ip, outcomesOf } from '../netfilter/small-programs.js';

const FOLDER = 'fixtures/companions';
const HOST: HostFacts = {
  nodeName: 'worker',
  nfacct: false,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24'] }],
};

const { snapshot } = loadSnapshot([
  { name: 'cluster.yaml', text: readFileSync(`${FOLDER}/cluster.yaml`, 'utf8') },
]);

function kubeRules(mode: BackendName): string {
  const { config } = loadConfig(
    'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: 10.244.0.0/16\n',
    'config.yaml',
  );
  return print(compileSnapshot(snapshot, 'IPv4', { mode, config, host: HOST }).ruleset);
}

/** Chains and rules of each table, those of the first dump first. */
function mergedDumps(...dumps: readonly string[]): string {
  const tables = new Map<
    string,
    { readonly chains: Map<string, string>; readonly rules: string[] }
  >();
  for (const dump of dumps) {
    let table = { chains: new Map<string, string>(), rules: [] as string[] };
    for (const line of dump.split('\n')) {
      if (line.startsWith('*')) {
        table = tables.get(line) ?? table;
        if (!tables.has(line)) table = { chains: new Map(), rules: [] };
        tables.set(line, table);
      } else if (line.startsWith(':')) {
        const name = line.split(' ')[0] ?? '';
        if (!table.chains.has(name)) table.chains.set(name, line);
      } else if (line.startsWith('-A')) table.rules.push(line);
    }
  }
  return [...tables]
    .map(([name, { chains, rules }]) =>
      [name, ...chains.values(), ...rules, 'COMMIT', ''].join('\n'),
    )
    .join('');
}

/** Which tool the rules of a companion are for, and whether they stand before those of kube-proxy. */
interface Companion {
  readonly name: string;
  readonly tool: BackendName;
  readonly first: boolean;
  readonly questions: readonly Question[];
}

interface Question {
  readonly what: string;
  readonly packet: Packet;
  /** In both modes, or in each. */
  readonly found: readonly string[] | Readonly<Record<BackendName, readonly string[]>>;
  /** What is named as not known. */
  readonly unknown?: readonly RegExp[];
  readonly open?: readonly string[];
}

function packet(source: string, to: string, inInterface?: string): Packet {
  const [destination = '', port] = to.split(':');
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
];

function programOf({ name, tool, first }: Companion, mode: BackendName): Program {
  const file = tool === 'iptables' ? `${name}.iptables` : `${name}.nft.json`;
  const theirs = readFileSync(`${FOLDER}/${file}`, 'utf8');
  const ours = kubeRules(mode);
  const read = (tool: BackendName, text: string): Program =>
    readRules(tool, text, { family: 'IPv4' }).program();
  if (tool === 'iptables' && mode === 'iptables')
    return read('iptables', first ? mergedDumps(theirs, ours) : mergedDumps(ours, theirs));
  const programs = [read(tool, theirs), read(mode, ours)];
  return joinedPrograms(first ? programs : programs.reverse());
}

for (const companion of COMPANIONS)
  for (const mode of ['iptables', 'nftables'] as const)
    describe(`trace: rules of ${companion.name} (${companion.tool}) beside mode ${mode}`, () => {
      const machine = machineOf('IPv4', HOST, undefined);
      let router: Router;
      before(() => {
        router = new Router(programOf(companion, mode), machine);
      });

      for (const { what, packet: sent, found, unknown = [], open = [] } of companion.questions)
        it(what, () => {
          const told: Trace = trace(router, sent);
          const expected = 'iptables' in found ? found[mode] : found;
          expect([...new Set(outcomesOf(told))], told.unknown.join('\n')).to.deep.equal(expected);
          expect(told.open).to.deep.equal(open);
          for (const name of unknown) expect(told.unknown.join('\n')).to.match(name);
          if (unknown.length === 0) expect(told.unknown).to.deep.equal([]);
        });
    });
