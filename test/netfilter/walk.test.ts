/**
 * Packets through small programs of both tools: verdicts, jumps, marks, translations, sets, and
 * what is not understood.
 */

import { expect } from 'chai';
import { difference, intersection, union } from '../../src/netfilter/intervals.js';
import { filter, ip, listing, nat, outcomesOf, traced } from './small-programs.js';

const DNAT = '-p tcp -j DNAT --to-destination 10.0.0.5:8080';

describe('netfilter: intervals', () => {
  it('meet, miss and join', () => {
    expect(intersection([0, 10, 20, 30], [5, 25])).to.deep.equal([5, 10, 20, 25]);
    expect(difference([0, 10], [3, 5])).to.deep.equal([0, 3, 5, 10]);
    expect(difference([0, 10], [0, 10])).to.deep.equal([]);
    expect(
      union([
        [5, 7],
        [0, 2],
        [2, 5],
      ]),
    ).to.deep.equal([0, 7]);
    expect(difference(['a', 'c'], ['b', 'c'])).to.deep.equal(['a', 'b']);
  });
});

describe('netfilter: packets through iptables', () => {
  it('meet the policy where no rule decides', () => {
    expect(outcomesOf(traced('iptables', filter('DROP')))).to.deep.equal(['drop 1/1']);
    expect(outcomesOf(traced('iptables', filter('ACCEPT')))).to.deep.equal(['accept 1/1']);
  });

  it('come back from a jump, and from a goto to the chain before', () => {
    const rules = ['-A FORWARD -j A', '-A A -g B', '-A A -j DROP', '-A B -j RETURN'];
    expect(outcomesOf(traced('iptables', filter('ACCEPT', ...rules)))).to.deep.equal([
      'accept 1/1',
    ]);
    const jumped = rules.map((line) => line.replace('-g', '-j'));
    expect(outcomesOf(traced('iptables', filter('ACCEPT', ...jumped)))).to.deep.equal(['drop 1/1']);
  });

  it('never end in chains that lead to themselves', () => {
    const found = traced('iptables', filter('ACCEPT', '-A FORWARD -j A', '-A A -j B', '-A B -j A'));
    expect(found.unknown).to.deep.equal(['chain A leads to itself']);
  });

  it('are unknown, by name, in chains too deep or with too many ways to follow', () => {
    const chain = (i: number): string => (i === 0 ? 'FORWARD' : `X${i - 1}`);
    const dump = (count: number, jumps: number): string => {
      const numbers = Array.from({ length: count }, (_, i) => i);
      const declared = numbers.map((i) => `:X${i} - [0:0]`);
      const rules = numbers.map((i) => `-A ${chain(i)} -j X${i}\n`.repeat(jumps).trimEnd());
      return filter('ACCEPT', ...declared, ...rules);
    };
    expect(traced('iptables', dump(64, 1)).unknown).to.deep.equal([]);
    expect(traced('iptables', dump(65, 1)).unknown).to.deep.equal([
      'chain X64 is more than 64 jumps away from its hook',
    ]);
    const [found = ''] = traced('iptables', dump(25, 2)).unknown;
    expect(found).to.match(/^too many ways through chain X\d+$/);
  });

  it('have shares of 31 bits', () => {
    const random = '-A PREROUTING -m statistic --mode random --probability 0.33333333349';
    const found = traced('iptables', nat(`${random} ${DNAT}`));
    expect(outcomesOf(found)).to.deep.equal(
      ['accept 10.0.0.5:8080 715827883/2147483648', 'accept 1431655765/2147483648'].sort(),
    );
  });

  it('are translated once a connection, and carry their mark', () => {
    const rules = [
      '-A PREROUTING -j MARK --set-xmark 0x4000/0x4000',
      `-A PREROUTING ${DNAT}`,
      '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.6:8080',
      '-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
    ];
    expect(outcomesOf(traced('iptables', nat(...rules)))).to.deep.equal([
      'accept 10.0.0.5:8080 masqueraded 1/1',
    ]);
    expect(outcomesOf(traced('iptables', nat(...rules.slice(1))))).to.deep.equal([
      'accept 10.0.0.5:8080 1/1',
    ]);
  });

  it('meet filter with the address that they were translated to', () => {
    const text = nat(`-A PREROUTING ${DNAT}`);
    const before = filter('ACCEPT', '-A FORWARD -d 10.96.0.1/32 -j DROP');
    expect(outcomesOf(traced('iptables', text + before))).to.deep.equal([
      'accept 10.0.0.5:8080 1/1',
    ]);
    const after = filter('ACCEPT', '-A FORWARD -d 10.0.0.5/32 -p tcp -m tcp --dport 8080 -j DROP');
    expect(outcomesOf(traced('iptables', text + after))).to.deep.equal(['drop 10.0.0.5:8080 1/1']);
  });

  it('go on after what only logs or counts', () => {
    const log = '-A FORWARD -m limit --limit 1/sec -j LOG --log-prefix "x "';
    const found = traced('iptables', filter('ACCEPT', log, '-A FORWARD -j NFLOG'));
    expect([outcomesOf(found), found.unknown]).to.deep.equal([['accept 1/1'], []]);
  });

  it('are unknown, by name, after an action that is not understood', () => {
    const found = traced('iptables', filter('ACCEPT', '-A FORWARD -j NFQUEUE --queue-num 1'));
    expect(found.unknown).to.deep.equal(['-j NFQUEUE --queue-num 1']);
    expect(outcomesOf(found)).to.deep.equal(['unknown 1/1']);
  });

  it('have bounds where a condition is not understood, and none where it makes no difference', () => {
    const open = traced('iptables', filter('ACCEPT', '-A FORWARD -m nosuch --x 1 -j DROP'));
    expect(outcomesOf(open)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    const same = traced('iptables', filter('DROP', '-A FORWARD -m nosuch --x 1 -j DROP'));
    expect([outcomesOf(same), same.unknown]).to.deep.equal([['drop 1/1'], []]);
  });

  it('take a condition that is not understood the same way twice', () => {
    const rules = [
      '-A FORWARD -m nosuch --x 1 -j A',
      '-A A -m nosuch --x 1 -j RETURN',
      '-A A -j DROP',
    ];
    expect(outcomesOf(traced('iptables', filter('ACCEPT', ...rules)))).to.deep.equal([
      'accept 1/1',
    ]);
  });
});

const nft = (...lines: string[]): string =>
  [
    'add table inet f',
    'add chain inet f forward { type filter hook forward priority 0 ; policy accept ; }',
    'add set inet f bad { type ipv4_addr ; flags interval ; }',
    'add element inet f bad { 10.0.0.0/30 }',
    ...lines,
    '',
  ].join('\n');

const dport = (right: unknown, op = '=='): unknown => ({
  match: { op, left: { payload: { protocol: 'tcp', field: 'dport' } }, right },
});

describe('netfilter: packets through nft', () => {
  it('meet sets with intervals', () => {
    const text = nft('add rule inet f forward ip saddr @bad drop');
    expect(outcomesOf(traced('nftables', text))).to.deep.equal(['drop 1/1']);
    const other = traced('nftables', text, { source: ip('10.0.0.4') });
    expect(outcomesOf(other)).to.deep.equal(['accept 1/1']);
  });

  describe('that are looked up with a number', () => {
    const drawn = (...elements: readonly string[]): string =>
      [
        'add table ip t',
        'add map ip t m { typeof ip daddr . th dport . numgen random mod 65536 : ip daddr . th dport ; }',
        'add chain ip t pre { type nat hook prerouting priority -100 ; }',
        'add rule ip t pre meta l4proto { tcp, udp } dnat ip addr . port to ip daddr . th dport . numgen random mod 3 map @m',
        'add rule ip t pre drop',
        ...elements.map((element) => `add element ip t m { ${element} }`),
      ].join('\n');
    const ALL = [1, 2, 3].map((n) => `10.96.0.1 . 80 . ${n - 1} : 10.0.0.${n + 4} . 8080`);

    it('get each endpoint with the same chance', () => {
      expect(outcomesOf(traced('nftables', drawn(...ALL)))).to.deep.equal([
        'accept 10.0.0.5:8080 1/3',
        'accept 10.0.0.6:8080 1/3',
        'accept 10.0.0.7:8080 1/3',
      ]);
    });

    it('go on where the map has no such number, or nothing for them', () => {
      const beyond = '10.96.0.1 . 80 . 3 : 10.0.0.9 . 8080';
      expect(outcomesOf(traced('nftables', drawn(...ALL.slice(1), beyond)))).to.deep.equal([
        'accept 10.0.0.6:8080 1/3',
        'accept 10.0.0.7:8080 1/3',
        'drop 1/3',
      ]);
      for (const packet of [{ port: 81 }, { protocol: 'sctp' }])
        expect(outcomesOf(traced('nftables', drawn(...ALL), packet))).to.deep.equal(['drop 1/1']);
    });

    it('draw from numbers that do not begin with 0', () => {
      const text = drawn(...ALL).replace('mod 3', 'mod 3 offset 1');
      expect(outcomesOf(traced('nftables', text))).to.deep.equal([
        'accept 10.0.0.6:8080 1/3',
        'accept 10.0.0.7:8080 1/3',
        'drop 1/3',
      ]);
    });

    it('go on where the rule itself has no such number', () => {
      const draw = 'numgen random mod 4 vmap { 0 : accept, 3 : goto d, 4 : accept }';
      const rules = ['add chain ip t d', `add rule ip t c ${draw}`, 'add rule ip t c reject'];
      const hook = '{ type filter hook forward priority 0 ; policy drop ; }';
      const text = ['add table ip t', `add chain ip t c ${hook}`, ...rules].join('\n');
      expect(outcomesOf(traced('nftables', text))).to.deep.equal([
        'accept 1/4',
        'drop 1/4',
        'reject 1/2',
      ]);
    });

    it('come to an unknown end where the map is not there, or holds no endpoint', () => {
      const kinds = (text: string): readonly string[] =>
        traced('nftables', text).outcomes.map(({ ending }) => ending.kind);
      expect(kinds(drawn().replace(/^add map.*$/m, ''))).to.deep.equal(['unknown']);
      const strange = '10.96.0.1 . 80 . 0 : 10.0.0.5';
      expect([...kinds(drawn(strange))].sort()).to.deep.equal(['drop', 'unknown']);
    });
  });

  it('are dropped by a policy, which is named', () => {
    const text = nft().replace('policy accept', 'policy drop');
    const path = traced('nftables', text).outcomes.flatMap(({ path }) => path);
    expect(path.map(({ line }) => line)).to.deep.equal([
      'add chain inet f forward { type filter hook forward priority 0 ; policy drop ; }',
    ]);
  });

  it('meet ports, logs and counters of other programs', () => {
    const drop = { drop: null };
    const counter = { counter: { packets: 1, bytes: 2 } };
    const log = { log: { prefix: 'x' } };
    const met = traced('nftables', listing(dport(80), counter, log, drop));
    expect([outcomesOf(met), met.unknown]).to.deep.equal([['drop 1/1'], []]);
    for (const missed of [dport(22), dport(80, '!='), dport({ range: [81, 90] })])
      expect(outcomesOf(traced('nftables', listing(missed, drop)))).to.deep.equal(['accept 1/1']);
    const udp = traced('nftables', listing(dport(80), drop), { protocol: 'udp' });
    expect(outcomesOf(udp)).to.deep.equal(['accept 1/1']);
  });

  it('have bounds where a statement is not understood', () => {
    const odd = { match: { op: '==', left: { meta: { key: 'cgroup' } }, right: 5 } };
    const found = traced('nftables', listing(odd, { drop: null }));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.have.length(1);
    const queue = traced('nftables', listing({ queue: { num: 1 } }));
    expect(queue.outcomes.map(({ ending }) => ending.kind)).to.include('unknown');
  });
});
