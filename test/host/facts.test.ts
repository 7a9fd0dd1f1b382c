import { expect } from 'chai';
import { collectFacts, parseIpAddress } from '../../src/host/facts.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const IP_JSON = JSON.stringify([
  {
    ifname: 'lo',
    addr_info: [
      { family: 'inet', local: '127.0.0.1', prefixlen: 8 },
      { family: 'inet6', local: '::1', prefixlen: 128 },
    ],
  },
  { ifname: 'ifb0', operstate: 'DOWN', addr_info: [] },
  // iproute2 prints an empty object for a link it filtered out.
  {},
  {
    ifname: 'br0',
    operstate: 'DOWN',
    addr_info: [{ family: 'inet', local: '10.1.0.1', prefixlen: 24 }],
  },
]);

describe('host/facts', () => {
  it('know whether connection tracking is liberal, which somebody else may have set', async () => {
    const files = { '/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal': '1\n' };
    const { facts } = await collectFacts(new MemoryHost({ files }));
    const sysctls = { 'net.netfilter.nf_conntrack_tcp_be_liberal': '1' };
    expect(facts.sysctls).to.deep.equal(sysctls);
    expect((await collectFacts(new MemoryHost({}))).facts).to.not.have.property('sysctls');
  });

  it('collects the facts of a machine with every tool', async () => {
    const host = new MemoryHost({
      hostname: 'Node-A.example\n',
      kernel: '6.1.0-18-amd64',
      commands: {
        'ip -j address show': IP_JSON,
        'nfacct list': '{ pkts = 0, bytes = 0 } = ct_state_invalid_dropped_pkts;\n',
        'iptables --version': 'iptables v1.8.9 (nf_tables)\n',
        'iptables-legacy --version': 'iptables v1.8.9 (legacy)\n',
        'ip6tables --version': 'ip6tables v1.6.1\n',
        'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
      },
    });
    expect(await collectFacts(host)).to.deep.equal({
      facts: {
        nodeName: 'node-a.example',
        nfacct: true,
        interfaces: [
          { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
          { name: 'br0', addresses: ['10.1.0.1/24'] },
        ],
        kernel: '6.1.0-18-amd64',
        iptables: [
          { command: 'iptables', version: '1.8.9', variant: 'nf_tables' },
          { command: 'iptables-legacy', version: '1.8.9', variant: 'legacy' },
          { command: 'ip6tables', version: '1.6.1', variant: 'legacy' },
        ],
        nft: '1.0.6',
      },
      diagnostics: [],
    });
  });

  it('asks only: no command changes anything', async () => {
    const host = new MemoryHost();
    await collectFacts(host);
    const asked = host.ran.map(({ command, args }) => [command, ...args].join(' '));
    expect(
      asked.filter((line) => !/^(?:ip -j address show|nfacct list|\S+ --version)$/.test(line)),
    ).to.deep.equal([]);
  });

  it('warns where it had to do without ip', async () => {
    const interfaces = [{ name: 'eth0', addresses: ['192.0.2.2/24'] }];
    const { facts, diagnostics } = await collectFacts(new MemoryHost({ interfaces }));
    expect(facts.interfaces).to.deep.equal(interfaces);
    expect(facts.iptables).to.deep.equal([]);
    expect(facts).to.not.have.any.keys('nft', 'kernel');
    expect(diagnostics.map((d) => [d.code, d.severity])).to.deep.equal([
      ['host-interfaces-up-only', 'warning'],
      ['host-nfacct-guessed', 'note'],
    ]);
  });

  it('does not take the answer of another program for interfaces', () => {
    for (const text of ['', 'null', '{}', 'Object "-j" is unknown'])
      expect(parseIpAddress(text), text).to.equal(undefined);
    expect(
      parseIpAddress('[null, 1, {"ifname": "a", "addr_info": [{"local": "10.0.0.1"}, null]}]'),
    ).to.deep.equal([]);
  });
});
