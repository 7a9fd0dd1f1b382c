/** What commands of nft leave, and which are refused. */

import { expect } from 'chai';
import { dumpLines, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';

/** What a few commands leave in table `ip t`, without the line of the table. */
function left(...commands: readonly string[]): readonly string[] {
  const text = ['add table ip t', ...commands].join('\n');
  const lines = dumpLines(parseDump(text));
  expect(dumpLines(parseDump(text, { late: true }))).to.deep.equal(lines);
  return lines.slice(1);
}

describe('parse of a script', () => {
  const CHAIN = 'add chain ip t c';
  const MAP = 'add map ip t m { type inet_proto . inet_service : verdict ; }';
  const cases: readonly (readonly [
    what: string,
    commands: readonly string[],
    lines: readonly string[],
  ])[] = [
    ['a chain', [CHAIN], [CHAIN]],
    ['a chain twice', [CHAIN, CHAIN], [CHAIN]],
    ['a chain that goes', [CHAIN, 'delete chain ip t c'], []],
    ['a chain that is destroyed', [CHAIN, 'destroy chain ip t c'], []],
    [
      'a chain with a comment',
      [`${CHAIN} { comment "a; b" ; }`],
      [`${CHAIN} { comment "a; b" ; }`],
    ],
    [
      'a base chain with names for its priority',
      [`${CHAIN} { type nat hook output priority dstnat - 10; policy accept; }`],
      [`${CHAIN} { type nat hook output priority -110 ; }`],
    ],
    [
      'a policy',
      [`${CHAIN} { type filter hook input priority filter + 5 ; policy drop ; }`],
      [`${CHAIN} { type filter hook input priority 5 ; policy drop ; }`],
    ],
    [
      'rules in order',
      [CHAIN, 'add rule ip t c drop', 'insert rule ip t c accept'],
      [CHAIN, 'add rule ip t c accept', 'add rule ip t c drop'],
    ],
    ['a flushed chain', [CHAIN, 'add rule ip t c drop', 'flush chain ip t c'], [CHAIN]],
    [
      'several elements in one command',
      [MAP, 'add element ip t m { 6 . 80 comment "a, b" : drop, udp . 53 : goto c }'],
      [
        MAP,
        'add element ip t m { tcp . 80 comment "a, b" : drop }',
        'add element ip t m { udp . 53 : goto c }',
      ],
    ],
    [
      'an element that goes',
      [MAP, 'add element ip t m { tcp . 80 : drop }', 'delete element ip t m { tcp . 80 }'],
      [MAP],
    ],
    ['a flushed map', [MAP, 'add element ip t m { tcp . 80 : drop }', 'flush map ip t m'], [MAP]],
    [
      'a map with a number in its key',
      [
        'add map ip t m { typeof ip daddr . meta l4proto . th dport . numgen inc mod 4 : ip daddr . th dport; }',
        'add element ip t m { 10.0.0.1 . 6 . 80 . 1 : 10.1.0.1 . 8080 }',
      ],
      [
        'add map ip t m { typeof ip daddr . meta l4proto . th dport . numgen random mod 65536 : ip daddr . th dport ; }',
        'add element ip t m { 10.0.0.1 . tcp . 80 . 1 : 10.1.0.1 . 8080 }',
      ],
    ],
    [
      'a map of the ports of the protocol that its name says',
      ['add map ip t m-udp { typeof udp dport . numgen random mod 4 : ip daddr . udp dport; }'],
      [
        'add map ip t m-udp { typeof udp dport . numgen random mod 65536 : ip daddr . udp dport ; }',
      ],
    ],
    [
      'a map of the ports of another protocol',
      ['add map ip t m-udp { typeof tcp dport . numgen random mod 4 : ip daddr . tcp dport ; }'],
      ['add map ip t m-udp { typeof tcp dport . numgen random mod 4 : ip daddr . tcp dport ; }'],
    ],
    [
      'a set of an expression that is not known',
      ['add set ip t s { typeof ct mark . numgen random mod 4 ; }'],
      ['add set ip t s { typeof ct mark . numgen random mod 4 ; }'],
    ],
    [
      'a set that rules fill',
      ['add set ip t s { type ipv4_addr; timeout 3h1m; flags timeout,dynamic; size 65535; }'],
      ['add set ip t s { type ipv4_addr ; flags dynamic,timeout ; timeout 10860s ; }'],
    ],
    [
      'a timeout that is not in whole seconds',
      ['add set ip t s { type ipv4_addr; timeout 1s500ms; }'],
      ['add set ip t s { type ipv4_addr ; timeout 1s ; }'],
    ],
    ['blank lines and comments', ['', '# a comment', 'add chain ip t c # why', '  '], [CHAIN]],
    [
      'a comment behind a rule',
      [CHAIN, 'add rule ip t c quota 1 bytes # "why"'],
      [CHAIN, 'add rule ip t c quota 1 bytes'],
    ],
    ['a flushed ruleset', [CHAIN, 'flush ruleset', 'add table ip t'], []],
    ['a table that is made anew', [CHAIN, 'delete table ip t', 'add table ip t'], []],
  ];
  for (const [what, commands, lines] of cases) {
    it(`${what}`, () => {
      expect(left(...commands)).to.deep.equal(lines);
    });
  }

  const refused: readonly (readonly [what: string, line: string, said: RegExp])[] = [
    ['a table in blocks', 'table ip t {', /line 4: no command/],
    ['a listing as text', '\tchain c {', /no command/],
    ['a rule without its chain', 'add rule ip t nope drop', /line 4: table ip t has no chain nope/],
    ['an element without its set', 'add element ip t nope { 1 }', /has no set nope/],
    ['a rule by its number', 'delete rule ip t c handle 4', /no command/],
    ['iptables', '-A INPUT -j ACCEPT', /no command/],
    ['any words', 'hello', /no command/],
    ['a second command', 'add chain ip t a ; flush ruleset', /no command/],
    [
      'a second command behind a block',
      'add chain ip t a { comment "x" ; } ; flush ruleset',
      /no command/,
    ],
    [
      'a second command behind an element',
      'add element ip t s { 1 } ; flush ruleset',
      /no command/,
    ],
    ['a block that is not closed', 'add element ip t s { 1, 2', /no command/],
    ['a declaration that is not closed', 'add chain ip t a { comment "x" ;', /no command/],
    ['a set with its elements', 'add set ip t a { type mark ; elements = { 1 } ; }', /no command/],
    ['a flushed table', 'flush table ip t', /no command/],
    ['a question', 'get element ip t s { 1 }', /no command/],
    ['an inserted element', 'insert element ip t s { 1 }', /no command/],
    ['more than a name', 'delete chain ip t c handle 4', /no command/],
  ];
  for (const [what, line, said] of refused) {
    it(`refuses ${what}`, () => {
      const before = ['add chain ip t c', 'add set ip t s { type mark ; }'];
      expect(() => left(...before, line)).to.throw(ParseError, said);
    });
  }

  for (const line of ['table ip kube-proxy {', '\tchain services {'])
    it(`says how to list what "${line.trim()}" begins`, () => {
      const attempt = (): unknown => parseDump(line);
      expect(attempt)
        .to.throw(ParseError)
        .with.property('hint')
        .that.matches(/as text.*nft -j/);
    });

  it('names the text in its errors', () => {
    expect(() => parseDump('hello', { name: 'x.nft' })).to.throw(/\(in x\.nft\)/);
  });
});
