import { expect } from 'chai';
import fc from 'fast-check';
import {
  isKnown,
  parseRule,
  printRule,
  statementOfJson,
} from '../../../../src/backends/nftables/syntax/rule.js';
import { ParseError } from '../../../../src/errors.js';
import { knownRule } from '../../../support/arbitrary/nft-rule.js';
import { property } from '../../../support/arbitrary/property.js';

/** Spellings of a rule, and the one that we print. */
const SPELLINGS: readonly (readonly [input: string, printed: string])[] = [
  ['mark and 0x00004000 != 0 drop', 'mark and 0x4000 != 0 drop'],
  ['meta mark & 0x00004000 != 0x00000000 drop', 'mark and 0x4000 != 0 drop'],
  ['meta mark and 16384 == 16384 drop', 'mark and 0x4000 == 0x4000 drop'],
  ['mark and 0x4000 0x4000 drop', 'mark and 0x4000 == 0x4000 drop'],
  ['meta mark set meta mark | 0x00004000', 'mark set mark or 0x4000'],
  ['mark set mark xor 0x00000001', 'mark set mark xor 0x1'],
  ['ip daddr { 10.62.0.0/16 } drop', 'ip daddr 10.62.0.0/16 drop'],
  ['ip saddr != { 10.9.0.1, 10.0.0.0/8, 10.1.0.0/16 } drop', 'ip saddr != 10.0.0.0/8 drop'],
  ['ip saddr { 10.0.2.0-10.0.3.255, 9.9.9.9/32 } drop', 'ip saddr { 9.9.9.9, 10.0.2.0/23 } drop'],
  ['ip saddr 0.0.0.0-255.255.255.255 drop', 'ip saddr 0.0.0.0/0 drop'],
  ['ip6 saddr == FD00:0::1 drop', 'ip6 saddr fd00::1 drop'],
  ['meta iifname "veth*" drop', 'iifname "veth*" drop'],
  ['iifname != eth0 drop', 'iifname != "eth0" drop'],
  ['meta l4proto 17 dnat to 10.0.0.1:53', 'meta l4proto udp dnat to 10.0.0.1:53'],
  ['dnat to [fd00:0::1]:53', 'dnat to [fd00::1]:53'],
  ['reject with icmp type port-unreachable', 'reject'],
  ['reject with icmp port-unreachable', 'reject'],
  ['reject with icmpx admin-prohibited', 'reject with icmpx admin-prohibited'],
  ['counter packets 12 bytes 3456 accept', 'counter accept'],
  ['counter name x accept', 'counter name "x" accept'],
  [
    'numgen random mod 2 vmap { 1 : goto b , 0 : goto a }',
    'numgen random mod 2 vmap { 0 : goto a, 1 : goto b }',
  ],
  [
    'numgen random mod 3 vmap { 2 : goto b, 0 : goto a }',
    'numgen random mod 3 vmap { 0 : goto a, 2 : goto b }',
  ],
  [
    'dnat ip to numgen random mod 1 map { 0 : 10.0.0.1 . 80, 1 : 10.0.0.2 . 80 }',
    'dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 80, 1 : 10.0.0.2 . 80 }',
  ],
  [
    'dnat ip to numgen random mod 1 map { 0 : 10.0.0.1 . 80 }',
    'dnat ip addr . port to numgen random mod 1 map { 0 : 10.0.0.1 . 80 }',
  ],
  ['jump  a   comment "two  blanks"', 'jump a comment "two  blanks"'],
];

/** Kept word by word, because their meaning is not known. */
const UNKNOWN: readonly string[] = [
  'quota over 1 bytes drop',
  'tcp dport 80-90 accept',
  'tcp dport != 80 accept',
  'tcp sport 80 accept',
  'ip saddr vmap { 10.0.0.1 : drop }',
  'ip saddr 10.0.0.1 . 80 drop',
  'ct state != new drop',
  'ct original ip daddr 10.0.0.1 drop',
  'mark set 5',
  'mark and 0x100000000 != 0 drop',
  'numgen inc mod 1 vmap { 0 : goto a }',
  'numgen random mod 0 vmap { 0 : goto a }',
  'dnat to 10.0.0.1',
  'dnat to 10.0.0.1:80-90',
  'dnat to [10.0.0.1]:80',
  'dnat to [::ffff:10.0.0.1]:80',
  'dnat to 10.0.0.1:99999',
  'masquerade to :http',
  'masquerade to 10.0.0.1',
  'update @s { ip saddr timeout 5s }',
  'ip6 saddr ::ffff:10.0.0.1 drop',
  'ip saddr ::ffff:10.0.0.1 drop',
  'ip saddr fd00::1 drop',
  'drop comment "a" accept',
  'drop comment a',
  'fib daddr . iif type local drop',
  'log prefix "jump a" drop comment "b"',
];

function parse(body: string): ReturnType<typeof parseRule> {
  return parseRule(`add rule ip kube-proxy c ${body}`);
}

describe('a rule of nft', () => {
  for (const [input, printed] of SPELLINGS) {
    it(`${input} is ${printed}`, () => {
      const rule = parse(input);
      expect(isKnown(rule)).to.equal(true);
      expect(printRule(rule)).to.equal(`add rule ip kube-proxy c ${printed}`);
      expect(parse(printed)).to.deep.equal(rule);
    });
  }

  for (const body of UNKNOWN) {
    it(`${body} is kept as it is`, () => {
      const rule = parse(body);
      expect(isKnown(rule)).to.equal(false);
      expect(printRule(rule)).to.equal(`add rule ip kube-proxy c ${body}`);
    });
  }

  it('has its default rejection by family', () => {
    const six = parseRule('add rule ip6 t c reject with icmp port-unreachable');
    expect(printRule(six)).to.equal('add rule ip6 t c reject with icmp port-unreachable');
    expect(printRule(parseRule('add rule inet t c reject with icmpx port-unreachable'))).to.equal(
      'add rule inet t c reject',
    );
  });

  it('is not any other line', () => {
    for (const line of ['', 'add chain ip t c', 'insert rule ip t c drop', 'add rule ip t'])
      expect(() => parseRule(line), line).to.throw(ParseError);
  });

  it('prints itself again, whatever it is', () => {
    property(
      fc.property(knownRule, (rule) => {
        const line = printRule(rule);
        expect(parseRule(line)).to.deep.equal(rule);
        expect(isKnown(rule)).to.equal(true);
      }),
      5,
    );
  });

  it('is never lost, whatever the words', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...'ip ip6 saddr daddr . meta l4proto th dport mark and set != == { } , : vmap map @s jump goto a drop numgen random mod 2 0 1 dnat to addr port ct state new fib type local masquerade fully-random reject with update comment "x" "y'.split(
          ' ',
        ),
      ),
      fc.stringMatching(/^[!-~]{1,6}$/),
    );
    property(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
        const rule = parse(words.join(' '));
        const line = printRule(rule);
        expect(printRule(parseRule(line)), 'printed twice').to.equal(line);
        if (isKnown(rule)) expect(parseRule(line)).to.deep.equal(rule);
      }),
      20,
    );
  });
});

describe('a statement in JSON', () => {
  const mark = { meta: { key: 'mark' } };
  const known: readonly (readonly [what: string, value: unknown, printed: string])[] = [
    [
      'a test of the highest bit',
      { match: { op: '!=', left: mark, right: { prefix: { addr: 0, len: 1 } } } },
      'mark and 0x80000000 != 0',
    ],
    ['reject as 0.9.8 prints it', { reject: null }, 'reject'],
    ['reject as 1.0.6 prints it', { reject: { type: 'icmp', expr: 'port-unreachable' } }, 'reject'],
    ['a TCP reset', { reject: { type: 'tcp reset' } }, 'reject with tcp reset'],
    ['one flag', { masquerade: { flags: 'fully-random' } }, 'masquerade fully-random'],
    ['flags', { masquerade: { flags: ['random', 'persistent'] } }, 'masquerade random,persistent'],
    ['no flags', { masquerade: null }, 'masquerade'],
    ['a port', { masquerade: { port: 80, flags: 'random' } }, 'masquerade to :80 random'],
    ['ports', { masquerade: { port: { range: [1, 9] } } }, 'masquerade to :1-9'],
    ['counters', { counter: { packets: 7, bytes: 9 } }, 'counter'],
    ['counters without their numbers', { counter: null }, 'counter'],
    ['a named counter', { counter: 'a/b' }, 'counter name "a/b"'],
    [
      'a key that begins with the port',
      {
        vmap: {
          key: {
            concat: [{ payload: { protocol: 'th', field: 'dport' } }, { meta: { key: 'l4proto' } }],
          },
          data: '@m',
        },
      },
      'th dport . meta l4proto vmap @m',
    ],
    [
      'several states',
      { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } },
      'ct state established,related',
    ],
    [
      'the whole space',
      {
        match: {
          op: '==',
          left: { payload: { protocol: 'ip', field: 'saddr' } },
          right: { range: ['0.0.0.0', '255.255.255.255'] },
        },
      },
      'ip saddr 0.0.0.0/0',
    ],
    [
      'a protocol by number',
      { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 132 } },
      'meta l4proto sctp',
    ],
  ];
  for (const [what, value, printed] of known) {
    it(`${what} is ${printed}`, () => {
      const rule = {
        table: 'ip t',
        chain: 'c',
        statements: [statementOfJson(value, 'ip')],
        comment: '',
      };
      expect(isKnown(rule)).to.equal(true);
      expect(printRule(rule)).to.equal(`add rule ip t c ${printed}`);
    });
  }

  it('draws from numbers that are not all there', () => {
    const numgen = { mode: 'random', mod: 2, offset: 0 };
    const vmap = { key: { numgen }, data: { set: [[1, { drop: null }]] } };
    expect(statementOfJson({ vmap }, 'ip')).to.deep.equal({
      kind: 'random-verdict',
      choices: [{ kind: 'drop' }],
      draw: { numbers: [1], first: 0, size: 2 },
    });
  });

  it('draws from numbers that do not begin with 0', () => {
    const numgen = { mode: 'random', mod: 2, offset: 1 };
    const vmap = { key: { numgen }, data: { set: [[1, { drop: null }]] } };
    expect(statementOfJson({ vmap }, 'ip')).to.deep.equal({
      kind: 'random-verdict',
      choices: [{ kind: 'drop' }],
      draw: { numbers: [1], first: 1, size: 2 },
    });
  });

  it('that is not understood is kept as JSON', () => {
    const address = { payload: { protocol: 'ip', field: 'saddr' } };
    for (const value of [
      null,
      7,
      'drop',
      {},
      { drop: null, accept: null },
      { drop: {} },
      { goto: {} },
      { quota: { val: 1 } },
      { match: { op: '<', left: address, right: '10.0.0.1' } },
      { match: { op: '==', left: address, right: { set: ['10.0.0.1', 5] } } },
      { match: { op: '==', left: address, right: 'fd00::1' } },
      { match: { op: '==', left: mark, right: 5 } },
      { match: { op: '==', left: { meta: { key: 'iifname' } }, right: '@ports' } },
      { match: { op: '==', left: { meta: { key: 'iifname' } }, right: '"e"' } },
      { match: { op: '==', left: { ct: { key: 'state' } }, right: 'new' } },
      { counter: 'a b' },
      {
        match: {
          op: '==',
          left: { fib: { result: 'type', flags: ['daddr', 'iif'] } },
          right: 'local',
        },
      },
      { mangle: { key: mark, value: 5 } },
      { mangle: { key: { ct: { key: 'mark' } }, value: { '|': [mark, 5] } } },
      { vmap: { key: { numgen: { mode: 'inc', mod: 1, offset: 0 } }, data: '@m' } },
      { dnat: { addr: '10.0.0.1', port: 80, flags: ['random'] } },
      {
        vmap: {
          key: { numgen: { mode: 'random', mod: 1, offset: 0 } },
          data: {
            set: [
              [0, { drop: null }],
              [0, { accept: null }],
            ],
          },
        },
      },
      { dnat: { addr: '10.0.0.1' } },
      { set: { op: 'update', elem: address, set: '@s', stmt: [] } },
    ]) {
      expect(statementOfJson(value, 'ip')).to.deep.equal({
        kind: 'unknown',
        text: `json ${JSON.stringify(value)}`,
      });
    }
  });

  it('of any shape is read without an exception', () => {
    property(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('match', 'mangle', 'vmap', 'dnat', 'reject', 'set', 'goto'),
        (value, kind) => {
          statementOfJson({ [kind]: value }, 'ip');
        },
      ),
    );
  });
});
