/**
 * What matches and targets of other programs do to packets: what iptables-extensions(8) says of
 * them.
 */

import { expect } from 'chai';
import { HAIRPIN_PROGRAMS } from '../../src/backends/iptables/hairpin.js';
import { meaningOf } from '../../src/backends/iptables/meaning.js';
import type { Packet } from '../../src/explain/trace.js';
import { filter, ip, nat, outcomesOf, traced } from './small-programs.js';

/** The first packet of tcp 10.0.0.1 -> 10.96.0.1:80, which arrives on eth0. */
const HITS: readonly (readonly [match: string, holds: boolean])[] = [
  ['-m state --state NEW', true],
  ['-m state ! --state NEW,RELATED', false],
  ['-p tcp -m multiport --dports 22,79:81', true],
  ['-p tcp -m multiport ! --dports 22,79:81', false],
  ['-p tcp -m multiport --dports 22,81', false],
  ['-m iprange --src-range 10.0.0.0-10.0.0.1', true],
  ['-m iprange ! --src-range 10.0.0.2-10.0.0.9 --dst-range 10.96.0.1-10.96.0.1', true],
  ['-m iprange --dst-range 10.96.0.2-10.96.0.9', false],
  ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', true],
  ['-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN', false],
  ['-p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK', false],
  ['-p tcp -m tcp --tcp-flags ALL NONE', false],
  ['-p tcp -m tcp --dport 80 --tcp-flags SYN,ACK SYN', true],
  ['-m connmark --mark 0x1', false],
  ['-m connmark ! --mark 0x1/0x1', true],
  ['-m addrtype --dst-type MULTICAST', false],
  ['-m addrtype ! --dst-type LOCAL,MULTICAST', true],
  ['-m recent --set --name a --mask 255.255.255.255 --rsource', true],
  ['-m recent ! --set --name a --mask 255.255.255.255 --rsource', false],
  ['-m recent ! --set --name a --mask 255.255.255.255 --rdest', false],
  [`-m bpf --bytecode "${HAIRPIN_PROGRAMS.IPv4}"`, false],
  [`-m bpf ! --bytecode "${HAIRPIN_PROGRAMS.IPv4}"`, true],
];

describe('netfilter: matches of other programs in iptables', () => {
  for (const [match, holds] of HITS)
    it(`${match} ${holds ? 'holds' : 'does not hold'}`, () => {
      const found = traced('iptables', filter('ACCEPT', `-A FORWARD ${match} -j DROP`));
      expect([outcomesOf(found), found.unknown]).to.deep.equal([
        [holds ? 'drop 1/1' : 'accept 1/1'],
        [],
      ]);
    });

  it('matches packets whose source is their destination, before and after translation', () => {
    const hairpin = `-m bpf --bytecode "${HAIRPIN_PROGRAMS.IPv4}"`;
    const itself = { destination: ip('10.0.0.1') };
    const rules = filter('ACCEPT', `-A FORWARD ${hairpin} -j DROP`);
    expect(outcomesOf(traced('iptables', rules, itself))).to.deep.equal(['drop 1/1']);
    const translation = nat('-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.1:80');
    expect(outcomesOf(traced('iptables', `${translation}${rules}`))).to.deep.equal([
      'drop 10.0.0.1:80 1/1',
    ]);
  });

  it('a group is no address of a machine', () => {
    const rules = filter('ACCEPT', '-A FORWARD -m addrtype --dst-type MULTICAST -j DROP');
    const found = traced('iptables', rules, { destination: ip('224.0.0.251') });
    expect(outcomesOf(found)).to.deep.equal(['drop 1/1']);
  });

  const UNKNOWN = [
    '-m set --match-set blocked src',
    '-m socket --transparent',
    '-m physdev --physdev-is-bridged',
    '-m mac --mac-source 00:11:22:33:44:55',
    '-m limit --limit 1/sec',
    '-m recent --rcheck --seconds 30 --name scan --mask 255.255.255.255 --rsource',
    '-m recent --update --seconds 30 --hitcount 6 --name ssh --mask 255.255.255.255 --rsource',
    '-m addrtype --dst-type BROADCAST',
    `-m bpf --bytecode "${HAIRPIN_PROGRAMS.IPv6}"`,
    '-m bpf --bytecode "1,6 0 0 1"',
  ];
  for (const match of UNKNOWN)
    it(`${match} may hold or not, and is named`, () => {
      const found = traced('iptables', filter('ACCEPT', `-A FORWARD ${match} -j DROP`));
      expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
      expect(found.unknown).to.have.length(1);
      expect(found.unknown[0]).to.match(
        /blocked|socket|physdev|mac|limit|recent|type|hairpins|bpf/,
      );
    });

  const NODE = { source: ip('192.168.0.10'), start: 'output', inInterface: undefined } as const;
  const SOCKETS: readonly (readonly [match: string, holds: boolean])[] = [
    ['--uid-owner 0', false],
    ['! --uid-owner 0', true],
    ['--socket-exists', false],
    ['! --socket-exists', true],
    ['! --uid-owner 0 --gid-owner 0', false],
  ];
  for (const [match, holds] of SOCKETS)
    it(`a packet that is forwarded has no socket: -m owner ${match}`, () => {
      // The kernel takes the match where a packet leaves, and forwarded ones leave too.
      const text = nat(`-A POSTROUTING -m owner ${match} -j MASQUERADE`);
      const found = traced('iptables', text);
      expect([outcomesOf(found), found.unknown]).to.deep.equal([
        [`accept${holds ? ' masqueraded' : ''} 1/1`],
        [],
      ]);
    });

  it('whose socket a packet of the machine is from is not known, and is named', () => {
    const text =
      '*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m owner --uid-owner 0 -j DROP\nCOMMIT\n';
    const found = traced('iptables', text, NODE);
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal(['owner --uid-owner 0']);
  });

  it('an ipset has an address or has it not, in every rule', () => {
    const rules = [
      '-A FORWARD -m set --match-set pods src -j RETURN',
      '-A FORWARD -m set ! --match-set pods src -j DROP',
      '-A FORWARD -j DROP',
    ];
    const found = traced('iptables', filter('ACCEPT', ...rules));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal(['in ipset pods by src']);
  });

  it('a network with gaps in its mask has an address or has it not, in every rule', () => {
    const rules = [
      '-A FORWARD -s 10.0.0.0/255.0.255.0 -j RETURN',
      '-A FORWARD ! -s 10.0.0.0/255.0.255.0 -j DROP',
      '-A FORWARD -j DROP',
    ];
    const found = traced('iptables', filter('ACCEPT', ...rules));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal(['saddr 10.0.0.0/255.0.255.0']);
    const both = rules.slice(0, 1).concat('-A FORWARD -d 10.0.0.0/255.0.255.0 -j DROP');
    expect(traced('iptables', filter('ACCEPT', ...both)).unknown).to.have.length(2);
  });

  it('every packet is put on a list of networks, and who is on it is not known', () => {
    const list = '--name nets --mask 255.255.255.0 --rsource';
    const put = `-A FORWARD -m recent --set ${list} -j DROP`;
    expect(outcomesOf(traced('iptables', filter('ACCEPT', put)))).to.deep.equal(['drop 1/1']);
    const asked = `-A FORWARD -m recent --rcheck --seconds 30 ${list} -j DROP`;
    const found = traced('iptables', filter('ACCEPT', asked));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal([
      `-m recent --rcheck --seconds 30 ${list} in chain FORWARD`,
    ]);
  });

  it('a limit may let a packet pass in one chain and not in another', () => {
    const limit = '-m limit --limit 1/sec';
    const rules = [`-A FORWARD ${limit} -j A`, `-A A ${limit} -j DROP`];
    const found = traced('iptables', filter('ACCEPT', ...rules));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.have.length(2);
  });
});

const mangle = (...lines: string[]): string =>
  `*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`;
const raw = (...lines: string[]): string =>
  `*raw\n:PREROUTING ACCEPT [0:0]\n${lines.join('\n')}\nCOMMIT\n`;

describe('netfilter: targets of other programs in iptables', () => {
  const packet = (text: string, other: Partial<Packet> = {}): readonly string[] =>
    outcomesOf(traced('iptables', text, other));

  it('redirect to the address of the interface that a packet arrives on', () => {
    const text = (target: string): string => nat(`-A PREROUTING -p tcp -j ${target}`);
    expect(packet(text('REDIRECT --to-ports 15001'))).to.deep.equal([
      'accept 192.168.0.10:15001 1/1',
    ]);
    expect(packet(text('REDIRECT'))).to.deep.equal(['accept 192.168.0.10:0 1/1']);
  });

  it('redirect what the machine sends to loopback', () => {
    const text =
      '*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -j REDIRECT --to-ports 15001\nCOMMIT\n';
    const sent = { source: ip('192.168.0.10'), start: 'output', inInterface: undefined } as const;
    expect(packet(text, sent)).to.deep.equal(['accept 127.0.0.1:15001 1/1']);
  });

  it('redirect to nobody knows where, on an interface whose address is not known', () => {
    const text = nat('-A PREROUTING -p tcp -j REDIRECT --to-ports 15001');
    const found = traced('iptables', text, { inInterface: 'eth1' });
    expect(outcomesOf(found)).to.deep.equal(['unknown 1/1']);
    expect(found.unknown).to.deep.equal([
      'REDIRECT --to-ports 15001: the address of the interface that the packet arrives on',
    ]);
  });

  it('redirect to one port: of several any may be taken', () => {
    const found = traced('iptables', nat('-A PREROUTING -p tcp -j REDIRECT --to-ports 8000-8010'));
    expect(outcomesOf(found)).to.deep.equal(['unknown 1/1']);
  });

  it('keep bits of the mark with the connection, and get them back', () => {
    const text = mangle(
      '-A PREROUTING -j MARK --set-xmark 0xab/0xffffffff',
      '-A PREROUTING -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xff',
      '-A PREROUTING -j MARK --set-xmark 0x0/0xffffffff',
      '-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff',
      '-A FORWARD -m connmark --mark 0xa0 -m mark --mark 0xa0 -j DROP',
    );
    expect(packet(text)).to.deep.equal(['drop 1/1']);
  });

  it('set bits of the mark of a connection', () => {
    const text = mangle(
      '-A PREROUTING -j CONNMARK --set-xmark 0x80/0x80',
      '-A FORWARD -m connmark --mark 0x80/0x80 -j DROP',
    );
    expect(packet(text)).to.deep.equal(['drop 1/1']);
  });

  for (const target of ['CT --notrack', 'NOTRACK'])
    it(`${target} keeps a packet out of nat`, () => {
      const text = raw(`-A PREROUTING -p tcp -j ${target}`);
      const dnat = nat('-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.5:8080');
      expect(packet(text + dnat)).to.deep.equal(['accept 1/1']);
      const state = filter('ACCEPT', '-A FORWARD -m conntrack --ctstate UNTRACKED -j DROP');
      expect(packet(text + state)).to.deep.equal(['drop 1/1']);
    });

  it('know no connection of a packet before the kernel has looked for it', () => {
    for (const [state, inRaw] of [
      ['NEW', 'accept 1/1'],
      ['INVALID', 'drop 1/1'],
      ['NEW,ESTABLISHED,RELATED,UNTRACKED', 'accept 1/1'],
    ] as const) {
      const rule = `-A PREROUTING -m conntrack --ctstate ${state} -j DROP`;
      expect(packet(raw(rule)), state).to.deep.equal([inRaw]);
      const later = packet(raw(rule).replace('*raw', '*mangle'));
      expect(later, state).to.deep.equal([state === 'INVALID' ? 'accept 1/1' : 'drop 1/1']);
    }
  });

  it('translate to one address and port, by whatever choice', () => {
    for (const option of ['--random', '--persistent', '--random --persistent']) {
      const text = nat(`-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.5:8080 ${option}`);
      expect(packet(text), option).to.deep.equal(['accept 10.0.0.5:8080 1/1']);
    }
    const several = nat('-A PREROUTING -j DNAT --to-destination 10.0.0.5-10.0.0.6 --persistent');
    expect(packet(several)).to.deep.equal(['unknown 1/1']);
  });

  it('give a packet another source, which may be one of the machine', () => {
    const to = (address: string): string =>
      nat(`-A POSTROUTING -j SNAT --to-source ${address} --random-fully`);
    const own = traced('iptables', to('192.168.0.10')).outcomes;
    expect(own.map(({ snat, masquerade }) => [snat, masquerade])).to.deep.equal([
      ['192.168.0.10', true],
    ]);
    const other = traced('iptables', to('198.51.100.1:1024-65535')).outcomes;
    expect(other.map(({ snat, masquerade }) => [snat, masquerade])).to.deep.equal([
      ['198.51.100.1', false],
    ]);
    const ports = nat('-A POSTROUTING -p tcp -j MASQUERADE --to-ports 1024-65535 --random');
    expect(packet(ports)).to.deep.equal(['accept masqueraded 1/1']);
  });

  it('masquerade with random ports, by either option', () => {
    for (const [option, fullyRandom] of [
      ['', false],
      [' --random', true],
      [' --random-fully', true],
      [' --to-ports 1024-65535 --random', true],
    ] as const)
      expect(
        meaningOf(`-A X -p tcp -j MASQUERADE${option}`).statements.at(-1),
        option,
      ).to.deep.include({ kind: 'masquerade', fullyRandom });
  });

  it('masquerade with some ports', () => {
    const { statements } = meaningOf('-A X -p tcp -j MASQUERADE --to-ports 1-100');
    expect(statements.at(-1)).to.deep.include({ kind: 'masquerade', ports: '1-100' });
  });

  it('go on after what decides nothing', () => {
    const targets = [
      'CT --helper ftp',
      'SET --add-set seen src',
      'CLASSIFY --set-class 0001:0001',
      'NFLOG --nflog-group 5',
      'TRACE',
    ];
    const lines = targets.map((target) => `-A FORWARD -j ${target}`);
    expect(packet(filter('DROP', ...lines))).to.deep.equal(['drop 1/1']);
  });

  it('are unknown, by name, where they are not understood', () => {
    for (const target of [
      'TPROXY --on-port 1 --on-ip 0.0.0.0',
      'SNAT --to-source 1.1.1.1-1.1.1.9',
    ]) {
      const found = traced('iptables', filter('ACCEPT', `-A FORWARD -j ${target}`));
      expect(found.unknown).to.deep.equal([`-j ${target}`]);
    }
  });
});

describe('netfilter: what a machine sends to itself', () => {
  it('leaves by lo, and arrives there', () => {
    const text = [
      '*filter',
      ':INPUT DROP [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      '-A INPUT -i lo -j ACCEPT',
      'COMMIT',
      '',
    ].join('\n');
    const own = { source: ip('192.168.0.10'), destination: ip('192.168.0.10') };
    const sent = traced('iptables', text, { ...own, start: 'output', inInterface: undefined });
    expect(outcomesOf(sent)).to.deep.equal(['accept 1/1']);
    const came = traced('iptables', text, { destination: ip('192.168.0.10') });
    expect(outcomesOf(came)).to.deep.equal(['drop 1/1']);
  });

  it('has no interface that it leaves by before it is routed', () => {
    const text = raw('-A PREROUTING ! -o eth0 -j DROP');
    expect(outcomesOf(traced('iptables', text))).to.deep.equal(['drop 1/1']);
  });
});
