import { expect } from 'chai';
import { host } from '../../src/cli/commands/host.js';
import { loadHostFacts } from '../../src/config/host-facts.js';
import { collectFacts } from '../../src/host/facts.js';
import { MemoryHost } from '../support/kernels/memory-host.js';
import { outputProblems } from '../support/output-schema.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';

const MACHINE = new MemoryHost({
  hostname: 'node-a',
  kernel: '6.1.0',
  commands: {
    'ip -j address show': JSON.stringify([
      {
        ifname: 'lo',
        addr_info: [
          { local: '127.0.0.1', prefixlen: 8 },
          { local: '::1', prefixlen: 128 },
        ],
      },
    ]),
    'nfacct list': '',
    'iptables --version': 'iptables v1.8.9 (nf_tables)\n',
    'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
  },
});

async function printed(
  output: 'yaml' | 'json',
  machine = MACHINE,
): Promise<{ out: string; err: string }> {
  const terminal = new MemoryTerminal();
  expect(await host({ output }, terminal, machine)).to.equal(0);
  const { out, err } = terminal;
  return { out, err };
}

describe('cli/host', () => {
  it('prints YAML in one order of keys', async () => {
    expect(await printed('yaml')).to.deep.equal({
      err: '',
      out: `apiVersion: vipc/v1
kind: Host
nodeName: node-a
nfacct: true
interfaces:
  - name: lo
    addresses:
      - 127.0.0.1/8
      - ::1/128
kernel: 6.1.0
iptables:
  - command: iptables
    version: 1.8.9
    variant: nf_tables
nft: 1.0.6
`,
    });
  });

  it('prints the facts for vipc lint last and in a fixed order', async () => {
    const machine = new MemoryHost({
      hostname: 'node-a',
      files: {
        '/proc/sys/net/ipv4/ip_forward': '1\n',
        '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
      },
      commands: { 'nft list tables': 'table ip nat\n' },
    });
    const { out } = await printed('yaml', machine);
    expect(out.slice(out.indexOf('sysctls:'))).to.equal(`sysctls:
  net.ipv4.ip_forward: '1'
nameservers:
  - 192.0.2.53
tables:
  nft:
    - ip nat
`);
    expect(loadHostFacts(out, 'host')).to.deep.include({ nameservers: ['192.0.2.53'] });
    expect(outputProblems((await printed('json', machine)).out)).to.deep.equal([]);
  });

  it('prints what --host reads, in both forms', async () => {
    const { facts } = await collectFacts(MACHINE);
    for (const form of ['yaml', 'json'] as const) {
      expect(loadHostFacts((await printed(form)).out, 'host'), form).to.deep.equal(facts);
    }
  });

  it('is refused by --host where the document is of another kind', () => {
    const text = JSON.stringify({ apiVersion: 'vipc/v1', kind: 'Rules', nodeName: 'a' });
    expect(() => loadHostFacts(text, 'host.json')).to.throw(/kind: .*Host/);
  });

  it('quotes what YAML would read as a number: a kernel, a version, a name', async () => {
    const machine = new MemoryHost({
      hostname: '0123',
      kernel: '6.1',
      commands: { 'nft --version': 'nftables v1.0\n' },
    });
    const { out, err } = await printed('yaml', machine);
    expect(loadHostFacts(out, 'host')).to.include({ nodeName: '0123', kernel: '6.1', nft: '1.0' });
    expect(err).to.include('warning: the program ip does not answer');
  });
});
