/** What statements of other programs do to packets, as nft lists them: libnftables-json(5). */

import { expect } from 'chai';
import type { Trace } from '../../src/explain/trace.js';
import { ip, listing, listingOf, outcomesOf, traced } from './small-programs.js';

const payload = (protocol: string, field: string): unknown => ({ payload: { protocol, field } });
const meta = (key: string): unknown => ({ meta: { key } });
const ct = (key: string): unknown => ({ ct: { key } });
const set = (...elements: readonly unknown[]): unknown => ({ set: elements });
const match = (left: unknown, right: unknown, op = '=='): unknown => ({
  match: { op, left, right },
});
const and = (left: unknown, mask: unknown): unknown => ({ '&': [left, mask] });
const flags = payload('tcp', 'flags');
const DROP = { drop: null };

/** The first packet of tcp 10.0.0.1 -> 10.96.0.1:80, which arrives on eth0. */
const HITS: readonly (readonly [title: string, match: unknown, holds: boolean])[] = [
  ['a set of ports', match(payload('tcp', 'dport'), set(22, { range: [79, 81] })), true],
  ['no port of a set', match(payload('tcp', 'dport'), set(22, 80), '!='), false],
  ['a port of another protocol', match(payload('udp', 'dport'), 80), false],
  ['a lower port', match(payload('tcp', 'dport'), 1024, '<'), true],
  ['a higher port', match(payload('tcp', 'dport'), 80, '>'), false],
  ['interfaces', match(meta('iifname'), set('lo', 'eth*')), true],
  ['other interfaces', match(meta('iifname'), set('lo', 'eth1')), false],
  ['an interface by number', match(meta('iif'), 'lo', '!='), true],
  ['a family', match(meta('nfproto'), 'ipv4'), true],
  ['the other family', match(meta('nfproto'), 'ipv4', '!='), false],
  ['the other family by its type', match(meta('protocol'), 'ip6'), false],
  ['protocols', match(meta('l4proto'), set('tcp', 17)), true],
  ['the protocol of a header', match(payload('ip', 'protocol'), 'icmp', '!='), true],
  ['addresses of a header that is not there', match(payload('ip6', 'saddr'), '::1', '!='), false],
  [
    'fields together',
    match(
      { concat: [payload('ip', 'saddr'), payload('tcp', 'dport')] },
      set({ concat: ['10.0.0.1', 80] }),
    ),
    true,
  ],
  ['states', match(ct('state'), set('established', 'related'), '!='), true],
  ['two states at once', match(ct('state'), ['new', 'related']), false],
  ['not two states at once', match(ct('state'), ['new', 'related'], '!='), true],
  ['any of two states', match(ct('state'), ['new', 'related'], 'in'), true],
  ['a status', match(ct('status'), 'dnat', 'in'), false],
  ['another status', match(ct('status'), 'dnat', '!='), true],
  ['a mark', match(meta('mark'), 0), true],
  ['bits of the mark', match(and(meta('mark'), 0xff), 0, '!='), false],
  ['the mark of the connection', match(ct('mark'), 1), false],
  ['SYN of four flags', match(and(flags, { '|': ['fin', 'syn', 'rst', 'ack'] }), 'syn'), true],
  [
    'SYN of four flags, listed',
    match(and(flags, ['fin', 'syn', 'rst', 'ack']), 'syn', '!='),
    false,
  ],
  ['no flag', match(and(flags, ['fin', 'syn']), 0), false],
  ['any of two flags', match(flags, ['syn', 'ack'], 'in'), true],
  ['another flag', match(flags, 'rst', 'in'), false],
  ['an owner of a packet that is forwarded', match(meta('skuid'), 0), false],
  ['no owner of a packet that is forwarded', match(meta('skuid'), 0, '!='), false],
  ['a message of ICMP', match(payload('icmp', 'type'), 'echo-request'), false],
  [
    'types of an address',
    match({ fib: { result: 'type', flags: 'daddr' } }, set('local', 'multicast')),
    false,
  ],
];

describe('netfilter: comparisons of other programs in nft', () => {
  for (const [title, condition, holds] of HITS)
    it(`${title}: ${holds ? 'holds' : 'does not hold'}`, () => {
      const found = traced('nftables', listing(condition, DROP));
      expect([outcomesOf(found), found.unknown]).to.deep.equal([
        [holds ? 'drop 1/1' : 'accept 1/1'],
        [],
      ]);
    });

  const UNKNOWN: readonly (readonly [title: string, statement: unknown])[] = [
    ['limit', { limit: { rate: 1, per: 'second' } }],
    ['quota', { quota: { val: 1, val_unit: 'bytes' } }],
    ['a route back', match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false)],
    ['a hardware address', match(payload('ether', 'saddr'), '00:11:22:33:44:55')],
    ['flags of ECN', match(and(flags, ['syn', 'ecn']), 'syn')],
    [
      'a port of the packet inside of another one',
      match({ payload: { tunnel: 'vxlan', protocol: 'udp', field: 'dport' } }, 80),
    ],
    ['an unknown key of a field', match({ meta: { key: 'iifname', later: 1 } }, 'eth0')],
  ];
  for (const [title, statement] of UNKNOWN)
    it(`${title} may hold or not, and is named`, () => {
      const found = traced('nftables', listing(statement, DROP));
      expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
      expect(found.unknown).to.have.length(1);
    });

  it('another type may be that of any address but those of the machine', () => {
    const unicast = match({ fib: { result: 'type', flags: 'daddr' } }, 'unicast');
    const text = listing(unicast, DROP).replace('"hook":"forward"', '"hook":"prerouting"');
    const own = traced('nftables', text, { destination: ip('192.168.0.10') });
    expect(outcomesOf(own)).to.deep.equal(['accept 1/1']);
    expect(outcomesOf(traced('nftables', text))).to.deep.equal([
      'accept 0/1..1/1',
      'drop 0/1..1/1',
    ]);
  });

  const named = (properties: object): unknown => ({
    set: { family: 'inet', table: 'f', name: 's', handle: 9, type: 'ifname', ...properties },
  });
  const inSet = (left: unknown): unknown => match(left, '@s');

  it('named sets of interfaces and ports are met', () => {
    const names = named({ type: 'ifname', elem: ['lo', 'eth0'] });
    expect(
      outcomesOf(traced('nftables', listingOf([names], [inSet(meta('iifname')), DROP]))),
    ).to.deep.equal(['drop 1/1']);
    const ports = named({ type: 'inet_service', flags: ['interval'], elem: [{ range: [1, 79] }] });
    expect(
      outcomesOf(traced('nftables', listingOf([ports], [inSet(payload('tcp', 'dport')), DROP]))),
    ).to.deep.equal(['accept 1/1']);
  });

  it('elements that have counters are met', () => {
    const counted = named({
      type: 'ipv4_addr',
      elem: [{ elem: { val: '10.0.0.1', counter: { packets: 1, bytes: 2 } } }],
    });
    const found = traced('nftables', listingOf([counted], [inSet(payload('ip', 'saddr')), DROP]));
    expect(outcomesOf(found)).to.deep.equal(['drop 1/1']);
  });

  it('a set whose elements come and go may hold an address, and is named', () => {
    const changing = named({ type: 'ipv4_addr', flags: ['dynamic', 'timeout'], timeout: 60 });
    const found = traced('nftables', listingOf([changing], [inSet(payload('ip', 'saddr')), DROP]));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal(['in set s by saddr, which changes']);
  });
});

describe('netfilter: actions of other programs in nft', () => {
  const ruled = (...rules: readonly (readonly unknown[])[]): readonly string[] =>
    outcomesOf(traced('nftables', listingOf([], ...rules)));
  const mangle = (key: unknown, value: unknown): unknown => ({ mangle: { key, value } });
  const translating = (hook: string, statement: unknown): Trace =>
    traced(
      'nftables',
      listing(statement).replace(
        '"type":"filter","hook":"forward"',
        `"type":"nat","hook":"${hook}"`,
      ),
    );

  it('set marks from one another', () => {
    const rules = [
      [mangle(meta('mark'), 0xab)],
      [mangle(ct('mark'), and(meta('mark'), 0xf0))],
      [mangle(meta('mark'), { '|': [and(ct('mark'), 0xffff), 0x5] })],
      [mangle(meta('mark'), { '^': [meta('mark'), 0x1] })],
      [match(meta('mark'), 0xa4), match(ct('mark'), 0xa0), DROP],
    ];
    expect(ruled(...rules)).to.deep.equal(['drop 1/1']);
  });

  it('set the mark of a packet that belongs to no connection, which has none of its own', () => {
    const untracked = [{ notrack: null }];
    const packet = [[mangle(meta('mark'), 0xab)], [match(meta('mark'), 0xab), DROP]];
    expect(ruled(untracked, ...packet)).to.deep.equal(['drop 1/1']);
    const connection = [[mangle(ct('mark'), 0xab)], [match(ct('mark'), 0xab), DROP]];
    expect(ruled(untracked, ...connection)).to.deep.equal(['accept 1/1']);
  });

  it('go on after what decides nothing', () => {
    const passive = [
      { log: { prefix: 'x' } },
      { continue: null },
      { dup: { addr: '10.0.0.9' } },
      { 'ct helper': 'ftp' },
      mangle(meta('nftrace'), 1),
      { set: { op: 'add', elem: payload('ip', 'saddr'), set: '@seen' } },
    ];
    expect(ruled([...passive, DROP])).to.deep.equal(['drop 1/1']);
  });

  it('go on after a header was changed, which decides nothing but whether the rule goes on', () => {
    const maxseg = { 'tcp option': { name: 'maxseg', field: 'size' } };
    for (const statement of [
      mangle(maxseg, { rt: { key: 'mtu' } }),
      mangle(payload('ip', 'dscp'), 'cs1'),
    ]) {
      const found = traced('nftables', listingOf([], [statement], [DROP]));
      expect([outcomesOf(found), found.unknown]).to.deep.equal([['drop 1/1'], []]);
      const ended = traced('nftables', listingOf([], [statement, DROP]));
      expect(outcomesOf(ended)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    }
    const address = traced('nftables', listing(mangle(payload('ip', 'daddr'), '10.0.0.9')));
    expect(outcomesOf(address)).to.include('unknown 0/1..1/1');
  });

  it('a message has a type or has it not, in every rule', () => {
    const type = (op: string): unknown => match(payload('icmp', 'type'), 'echo-request', op);
    const rules = listingOf([], [type('=='), { accept: null }], [type('!='), DROP]);
    const found = traced('nftables', rules, { protocol: 'icmp' });
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'drop 0/1..1/1']);
    expect(found.unknown).to.deep.equal(['icmp type "echo-request"']);
  });

  it('lead to chains by a map in the rule', () => {
    const states = set(['invalid', DROP], ['new', DROP], ['established', { accept: null }]);
    expect(ruled([{ vmap: { key: ct('state'), data: states } }])).to.deep.equal(['drop 1/1']);
    const names = set(['eth1', DROP], ['lo', { accept: null }]);
    const other = [{ vmap: { key: meta('iifname'), data: names } }];
    expect(ruled(other, [DROP])).to.deep.equal(['drop 1/1']);
    expect(ruled(other)).to.deep.equal(['accept 1/1']);
  });

  it('know no connection of a packet before the kernel has looked for it', () => {
    const stateAt = (prio: number, state: string): readonly string[] => {
      const text = listing(match(ct('state'), state), DROP)
        .replaceAll('"forward"', '"prerouting"')
        .replace('"prio":0', `"prio":${prio}`);
      return outcomesOf(traced('nftables', text));
    };
    for (const prio of [-450, -300, -200]) {
      expect(stateAt(prio, 'new')).to.deep.equal(['accept 1/1']);
      expect(stateAt(prio, 'invalid')).to.deep.equal(['drop 1/1']);
    }
    expect(stateAt(-199, 'new')).to.deep.equal(['drop 1/1']);
  });

  it('keep packets out of tracking, and change sources', () => {
    expect(ruled([{ notrack: null }], [match(ct('state'), 'untracked'), DROP])).to.deep.equal([
      'drop 1/1',
    ]);
    const source = translating('postrouting', { snat: { family: 'ip', addr: '198.51.100.1' } });
    expect(source.outcomes.map(({ snat }) => snat)).to.deep.equal([ip('198.51.100.1')]);
    const target = translating('prerouting', { dnat: { family: 'ip', addr: '10.0.0.9' } });
    expect(outcomesOf(target)).to.deep.equal(['accept 10.0.0.9:0 1/1']);
  });

  it('redirect to the address of the interface that a packet arrives on', () => {
    const redirected = (redirect: unknown): readonly string[] =>
      outcomesOf(translating('prerouting', { redirect }));
    expect(redirected({ port: 8080 })).to.deep.equal(['accept 192.168.0.10:8080 1/1']);
    expect(redirected(null)).to.deep.equal(['accept 192.168.0.10:0 1/1']);
    expect(redirected({ port: { range: [80, 90] } })).to.deep.equal(['unknown 1/1']);
  });

  it('translate in chains of type nat alone, each at its hooks', () => {
    const ip4 = { family: 'ip', addr: '10.0.0.9' };
    for (const [statement, hook] of [
      [{ dnat: ip4 }, 'postrouting'],
      [{ redirect: { port: 80 } }, 'postrouting'],
      [{ snat: ip4 }, 'prerouting'],
      [{ masquerade: null }, 'prerouting'],
    ] as const) {
      expect(outcomesOf(translating(hook, statement))).to.deep.equal(['impossible 1/1']);
      const inFilter = traced('nftables', listing(statement));
      expect(outcomesOf(inFilter)).to.deep.equal(['impossible 1/1']);
    }
    const [found] = traced('nftables', listing({ masquerade: null })).outcomes;
    expect(found?.ending).to.deep.equal({
      kind: 'impossible',
      text: 'masquerade in a chain of type filter at forward',
    });
  });

  it('are unknown, by name, where they are not understood', () => {
    for (const kind of ['queue', 'fwd', 'tproxy']) {
      const found = traced('nftables', listing({ [kind]: null }));
      expect(found.unknown).to.deep.equal([`json {"${kind}":null}`]);
      expect(outcomesOf(found)).to.deep.equal(['unknown 1/1']);
    }
  });

  it('may be conditions too, where a key of them is not known', () => {
    const found = traced('nftables', listing({ redirect: { port: 8080, later: 1 } }));
    expect(outcomesOf(found)).to.deep.equal(['accept 0/1..1/1', 'unknown 0/1..1/1']);
  });
});
