import { expect } from 'chai';
import { kernelModules } from '../../src/host/modules.js';
import { collectPreflightFacts, socketsIn } from '../../src/host/preflight-facts.js';

import { MemoryHost } from '../support/kernels/memory-host.js';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** One line of /proc/net/tcp and its like. */
function socket(local: string, state: string): string {
  const remote = local.replace(/[0-9A-F]+/g, (digits) => '0'.repeat(digits.length));
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 505 1 0 100 0 0 10 0\n`;
}

const LISTENS = '0A';
const CONNECTED = '01';
const UNCONNECTED = '07';

describe('host/preflight-facts', () => {
  it('collects the facts of a machine', async () => {
    const host = new MemoryHost({
      kernel: '6.1.0',
      files: {
        '/proc/sys/net/ipv4/ip_forward': '1\n',
        '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
        '/proc/sys/net/ipv4/ip_local_reserved_ports': '\n',
        '/proc/net/tcp': `${HEADING}${socket('0100007F:1F90', LISTENS)}${socket('0A00A8C0:0016', CONNECTED)}`,
        '/proc/net/udp': `${HEADING}${socket('00000000:0035', UNCONNECTED)}${socket('00000000:9C40', UNCONNECTED)}`,
        '/etc/resolv.conf': '# nameserver 192.0.2.1\nsearch x\nnameserver 192.0.2.53\n',
        '/lib/modules/6.1.0/modules.builtin': 'kernel/net/netfilter/xt_mark.ko\n',
        '/lib/modules/6.1.0/modules.dep': 'kernel/net/netfilter/nft_masq_ipv4.ko: a\n',
        '/proc/net/ip_tables_names': 'nat\nfilter\n',
        '/proc/net/ip6_tables_names': 'filter\n',
        '/sys/module/xt_recent/parameters/ip_list_tot': '200\n',
      },
      commands: {
        'nft list tables': 'table ip nat\ntable inet firewalld\n',
        'ip -4 rule show':
          '0:\tfrom all lookup local\n32764:\tnot from all fwmark 0xca6c lookup 51820\n100:\tfrom all fwmark 0x100/0x300 lookup 7\n',
        'ip -6 rule show': '100:\tfrom all fwmark 0x100/0x300 lookup 7\n',
      },
    });
    const { missingModules = [], ...facts } = await collectPreflightFacts(host);
    expect(facts).to.deep.equal({
      sysctls: {
        'net.ipv4.ip_forward': '1',
        'net.ipv4.ip_local_port_range': '32768 60999',
        'net.ipv4.ip_local_reserved_ports': '',
      },
      // 40000/UDP is of a client.
      listening: [
        { protocol: 'TCP', address: '127.0.0.1', port: 8080 },
        { protocol: 'UDP', address: '0.0.0.0', port: 53 },
      ],
      nameservers: ['192.0.2.53'],
      tables: {
        legacy: ['ip filter', 'ip nat', 'ip6 filter'],
        nft: ['inet firewalld', 'ip nat'],
      },
      routingMarks: [
        {
          mark: '0xca6c',
          mask: '0xffffffff',
          rule: '32764: not from all fwmark 0xca6c lookup 51820',
        },
        { mark: '0x100', mask: '0x300', rule: '100: from all fwmark 0x100/0x300 lookup 7' },
      ],
      recentListSize: 200,
    });
    expect(missingModules).to.include('xt_statistic').and.to.not.include('xt_mark');
    expect(missingModules).to.not.include('nft_masq|nft_masq_ipv4');
  });

  it('leaves out what cannot be read, and changes nothing', async () => {
    const host = new MemoryHost();
    expect(await collectPreflightFacts(host)).to.deep.equal({});
    const asked = host.ran.map(({ command, args }) => [command, ...args].join(' '));
    expect(asked.sort()).to.deep.equal(['ip -4 rule show', 'ip -6 rule show', 'nft list tables']);
  });

  it('calls no module missing where the machine may have others', async () => {
    const files = { '/proc/modules': 'xt_mark 16384 0 - Live 0x0\n' };
    const host = new MemoryHost({ kernel: '6.1.0', files });
    expect(await collectPreflightFacts(host)).to.deep.equal({});
    const { has } = await kernelModules(host);
    expect([has('xt_mark'), has('xt-mark'), has('xt_nat')]).to.deep.equal([true, true, false]);
  });

  it('reads addresses in the order of the machine, and nothing else', () => {
    const v6 = '0000000000000000FFFF00000100007F';
    const text = `${HEADING}${socket('0A00A8C0:0050', LISTENS)}${socket(`${'0'.repeat(24)}01000000:0051`, LISTENS)}${socket(`${v6}:0052`, LISTENS)}x 1:2 0A\n`;
    expect(socketsIn(text, 'TCP', 'LE').map(({ address }) => address)).to.deep.equal([
      '192.168.0.10',
      '::1',
      '::ffff:7f00:1',
    ]);
    expect(
      socketsIn(`${HEADING}${socket('C0A8000A:0050', LISTENS)}`, 'TCP', 'BE')[0]?.address,
    ).to.equal('192.168.0.10');
    expect(socketsIn(text, 'UDP', 'LE')).to.deep.equal([]);
  });
});
