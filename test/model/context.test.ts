import { expect } from 'chai';
import { type HostFacts, NFACCT_COUNTERS } from '../../src/config/types.js';
import { buildContext } from '../../src/model/context.js';
import type { NodeContext } from '../../src/model/types.js';
import { type Family, parseIp } from '../../src/net/ip.js';
import type { Node } from '../../src/snapshot/types.js';
import { cidrs, node, type Settings, settings, snapshotOf } from './support.js';

interface Question extends Settings {
  readonly node?: Node;
  readonly family?: Family;
}

function ask(question: Question = {}): ReturnType<typeof buildContext> {
  const { node: here, family = 'IPv4', ...given } = question;
  return buildContext(snapshotOf(...(here === undefined ? [] : [here])), settings(given), family);
}

/** Node ports as a word: `all`, or the listed addresses; `+lo` where localhost is meant too. */
function nodePorts(question: Question): string {
  const { context } = ask(question);
  const { nodePortAddresses: found, localhostNodePorts } = context;
  const text = found.kind === 'all' ? 'all' : found.ips.join(' ');
  return localhostNodePorts ? `${text} +lo`.trim() : text;
}

const HOST: HostFacts = {
  nodeName: 'here',
  nfacct: true,
  interfaces: [
    { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
    { name: 'eth0', addresses: ['192.168.0.10/24', 'fd00::10/64'] },
    { name: 'eth1', addresses: ['10.20.0.10/16', '192.168.0.9/24', '192.168.0.10/32'] },
  ],
};

describe('buildContext: the primary address of the node', () => {
  const rows: readonly (readonly [
    what: string,
    addresses: readonly string[],
    v4: string,
    v6: string,
  ])[] = [
    ['InternalIP', ['192.168.0.1'], '192.168.0.1', '::1'],
    [
      'the first of a family',
      ['192.168.0.1', '192.168.0.2', 'fd00::1', 'fd00::2'],
      '192.168.0.1',
      'fd00::1',
    ],
    [
      'InternalIP before ExternalIP',
      ['ExternalIP=203.0.113.1', '192.168.0.1'],
      '192.168.0.1',
      '::1',
    ],
    [
      'ExternalIP where there is no other',
      ['Hostname=here', 'ExternalIP=203.0.113.1'],
      '203.0.113.1',
      '::1',
    ],
    ['IPv6 only', ['fd00::1'], '127.0.0.1', 'fd00::1'],
    ['names are no addresses', ['here.example.com', 'InternalDNS=192.168.0.3'], '127.0.0.1', '::1'],
    ['unknown', [], '127.0.0.1', '::1'],
  ];
  for (const [what, addresses, v4, v6] of rows) {
    it(what, () => {
      expect(ask({ node: node(addresses) }).context.nodeIp).to.equal(v4);
      expect(ask({ node: node(addresses), family: 'IPv6' }).context.nodeIp).to.equal(v6);
    });
  }

  it('bindAddress beats the Node in its family, and leaves the other family alone', () => {
    const config = { bindAddress: parseIp('10.9.9.9')! };
    const here = node(['192.168.0.1', 'fd00::1']);
    expect(ask({ node: here, config }).context.nodeIp).to.equal('10.9.9.9');
    expect(ask({ node: here, config, family: 'IPv6' }).context.nodeIp).to.equal('fd00::1');
  });

  it('an unspecified bindAddress of either family beats nothing', () => {
    for (const text of ['0.0.0.0', '::']) {
      const config = { bindAddress: parseIp(text)! };
      expect(ask({ node: node(['192.168.0.1']), config }).context.nodeIp).to.equal('192.168.0.1');
    }
  });

  it('the Node of another name has no effect', () => {
    const { context } = ask({ node: node(['192.168.0.1']), nodeName: 'elsewhere' });
    expect(context.nodeIp).to.equal('127.0.0.1');
  });
});

describe('buildContext: node ports', () => {
  const rows: readonly (readonly [what: string, question: Question, answer: string])[] = [
    ['no list means every address', {}, 'all +lo'],
    ['no list without localhost', { backend: { localhostNodePorts: false } }, 'all'],
    ['IPv6 never answers on loopback', { family: 'IPv6' }, 'all'],
    [
      'a list of the other family means every address, as in kube-proxy',
      { backend: { nodePortAddresses: cidrs('fd00::/64') }, host: HOST },
      'all +lo',
    ],
    [
      '0.0.0.0/0 means every address',
      { backend: { nodePortAddresses: cidrs('10.0.0.0/8', '0.0.0.0/0') }, host: HOST },
      'all +lo',
    ],
    [
      'the addresses of the host in the networks, sorted, each once',
      { backend: { nodePortAddresses: cidrs('192.168.0.0/24') }, host: HOST },
      '192.168.0.10 192.168.0.9',
    ],
    [
      'several networks',
      { backend: { nodePortAddresses: cidrs('192.168.0.10/32', '10.20.0.0/16') }, host: HOST },
      '10.20.0.10 192.168.0.10',
    ],
    [
      'IPv6 networks',
      {
        backend: { nodePortAddresses: cidrs('fd00::/64', '10.0.0.0/8') },
        host: HOST,
        family: 'IPv6',
      },
      'fd00::10',
    ],
    [
      'a network in which the host has no address',
      { backend: { nodePortAddresses: cidrs('172.16.0.0/12') }, host: HOST },
      '',
    ],
    [
      'loopback where it is listed',
      { backend: { nodePortAddresses: cidrs('127.0.0.0/8') }, host: HOST },
      '127.0.0.1 +lo',
    ],
    [
      'loopback listed but switched off',
      {
        backend: { nodePortAddresses: cidrs('127.0.0.0/8'), localhostNodePorts: false },
        host: HOST,
      },
      '',
    ],
    [
      'IPv6 loopback where it is listed',
      { backend: { nodePortAddresses: cidrs('::1/128') }, host: HOST, family: 'IPv6' },
      '',
    ],
    [
      'a network that holds 127.0.0.1 means loopback too',
      { backend: { nodePortAddresses: cidrs('64.0.0.0/2') }, host: HOST },
      '127.0.0.1 +lo',
    ],
    [
      'without host facts the Node and loopback stand in',
      {
        backend: { nodePortAddresses: cidrs('192.168.0.0/16', '127.0.0.0/8') },
        node: node(['192.168.0.1', 'ExternalIP=192.168.7.7']),
      },
      '127.0.0.1 192.168.0.1 192.168.7.7 +lo',
    ],
    [
      'with host facts the Node does not count',
      {
        backend: { nodePortAddresses: cidrs('192.168.0.0/16') },
        node: node(['192.168.0.1']),
        host: HOST,
      },
      '192.168.0.10 192.168.0.9',
    ],
    [
      'primary is the address of the Node, if the host has it',
      { backend: { nodePortAddresses: 'primary' }, node: node(['192.168.0.10']), host: HOST },
      '192.168.0.10',
    ],
    [
      'primary among networks, in a family without one',
      {
        backend: { nodePortAddresses: ['primary', ...cidrs('fd00::/8')] },
        node: node(['192.168.0.10']),
        host: HOST,
      },
      '192.168.0.10',
    ],
    [
      'primary with bindAddress',
      {
        backend: { nodePortAddresses: 'primary' },
        config: { bindAddress: parseIp('10.20.0.10')! },
        node: node(['192.168.0.10']),
        host: HOST,
      },
      '10.20.0.10',
    ],
    [
      'primary of each family',
      {
        backend: { nodePortAddresses: 'primary' },
        node: node(['192.168.0.10', 'fd00::10']),
        host: HOST,
        family: 'IPv6',
      },
      'fd00::10',
    ],
    [
      'primary of an unknown node is none',
      { backend: { nodePortAddresses: 'primary' }, host: HOST },
      '',
    ],
    [
      'primary in the family that the Node has not',
      {
        backend: { nodePortAddresses: 'primary' },
        node: node(['192.168.0.10']),
        host: HOST,
        family: 'IPv6',
      },
      '',
    ],
    [
      'primary that is loopback is none',
      {
        backend: { nodePortAddresses: 'primary' },
        config: { bindAddress: parseIp('127.0.0.1')! },
        host: HOST,
      },
      '',
    ],
  ];
  for (const [what, question, answer] of rows)
    it(what, () => {
      expect(nodePorts(question)).to.equal(answer);
    });

  it('warns that the primary address is unknown', () => {
    const { diagnostics } = ask({ backend: { nodePortAddresses: 'primary' } });
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).to.deep.equal([
      'warning primary-node-ip-unknown',
    ]);
    expect(diagnostics[0]?.message).to.include('no IPv4 node port is opened');
    expect(
      ask({ backend: { nodePortAddresses: 'primary' }, node: node(['192.168.0.1']) }).diagnostics,
    ).to.deep.equal([]);
  });
});

describe('buildContext: whose traffic is local', () => {
  const detector = (question: Question): NodeContext['localDetector'] =>
    ask(question).context.localDetector;
  const both = cidrs('10.244.0.0/16', 'fd00:244::/56');

  it('ClusterCIDR takes the network of the family', () => {
    expect(detector({ config: { clusterCidrs: both } })).to.deep.equal({
      kind: 'source',
      cidr: '10.244.0.0/16',
    });
    expect(detector({ config: { clusterCidrs: both }, family: 'IPv6' })).to.deep.equal({
      kind: 'source',
      cidr: 'fd00:244::/56',
    });
    expect(
      detector({ config: { clusterCidrs: cidrs('10.244.0.0/16') }, family: 'IPv6' }),
    ).to.deep.equal({ kind: 'none' });
    expect(detector({})).to.deep.equal({ kind: 'none' });
  });

  it('NodeCIDR takes the pod network of the Node, of its list or of its single field', () => {
    const config = { detectLocalMode: 'NodeCIDR' } as const;
    const listed = node([], { spec: { podCIDRs: ['10.244.1.0/24', 'fd00:244:1::/64'] } });
    expect(detector({ config, node: listed })).to.deep.equal({
      kind: 'source',
      cidr: '10.244.1.0/24',
    });
    expect(detector({ config, node: listed, family: 'IPv6' })).to.deep.equal({
      kind: 'source',
      cidr: 'fd00:244:1::/64',
    });
    const single = node([], { spec: { podCIDR: '10.244.2.0/24' } });
    expect(detector({ config, node: single })).to.deep.equal({
      kind: 'source',
      cidr: '10.244.2.0/24',
    });
    const empty = node([], { spec: { podCIDR: '10.244.2.0/24', podCIDRs: [] } });
    expect(detector({ config, node: empty })).to.include({ cidr: '10.244.2.0/24' });
    const other = node([], { spec: { podCIDR: '10.244.2.0/24', podCIDRs: ['10.244.1.0/24'] } });
    expect(detector({ config, node: other })).to.include({ cidr: '10.244.2.0/24' });
  });

  it('NodeCIDR without a Node, or with an invalid network, gives a warning', () => {
    const config = { detectLocalMode: 'NodeCIDR' } as const;
    const unknown = ask({ config });
    expect(unknown.context.localDetector).to.deep.equal({ kind: 'none' });
    expect(unknown.diagnostics.map(({ code }) => code)).to.deep.equal(['node-cidr-unknown']);
    const bad = ask({
      config,
      node: node([], { spec: { podCIDRs: ['10.244.1.0', '10.244.3.0/24'] } }),
    });
    expect(bad.context.localDetector).to.deep.equal({ kind: 'source', cidr: '10.244.3.0/24' });
    expect(bad.diagnostics[0]).to.include({
      code: 'invalid-address',
      field: 'spec.podCIDRs[0]',
      value: '"10.244.1.0"',
    });
  });

  it('interfaces are taken by name or prefix', () => {
    expect(
      detector({ config: { detectLocalMode: 'BridgeInterface', bridgeInterface: 'cni0' } }),
    ).to.deep.equal({ kind: 'interface', name: 'cni0' });
    expect(
      detector({ config: { detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'veth' } }),
    ).to.deep.equal({ kind: 'interface-prefix', prefix: 'veth' });
  });
});

describe('buildContext: the rest', () => {
  it('the zone is the label of the Node', () => {
    const here = node([], {
      metadata: { name: 'here', labels: { 'topology.kubernetes.io/zone': 'a' } },
    });
    expect(ask({ node: here }).context.zone).to.equal('a');
    expect(ask({ node: node() }).context.zone).to.equal('');
    expect(ask({ node: here, nodeName: '' }).context.zone).to.equal('');
    expect(ask({ node: node(), zone: 'b' }).context.zone).to.equal('b');
    expect(ask({ node: here, zone: 'b' }).context.zone).to.equal('a');
    expect(ask({ zone: 'b' }).context.zone).to.equal('b');
  });

  it('the mark is one bit, also the highest', () => {
    for (const bit of [0, 14, 31])
      expect(ask({ backend: { masqueradeBit: bit } }).context.masqueradeMark).to.equal(2 ** bit);
  });

  it('counters are used unless the host facts exclude them', () => {
    expect(ask().context.nfacct).to.deep.equal(NFACCT_COUNTERS);
    expect(ask({ host: HOST }).context.nfacct).to.deep.equal(NFACCT_COUNTERS);
    for (const nfacct of [[], ['localhost_nps_accepted_pkts']] as const)
      expect(ask({ host: { ...HOST, nfacct } }).context.nfacct).to.deep.equal(nfacct);
    expect(ask({ host: { ...HOST, nfacct: false } }).context.nfacct).to.deep.equal([]);
  });
});
