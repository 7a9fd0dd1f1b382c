import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { conformanceCases, readCaseFile } from '../cases/conformance-cases.js';
import { canonNft } from './canon-nft.js';
import { lineDiff } from './line-diff.js';

const INPUT = new URL('../../../fixtures/dumps/input/', import.meta.url);
const INPUTS = [
  '006-clusterip-sctp',
  '102-source-ranges-dual-stack',
  '132-session-affinity-local-policies',
  '190-ipv6-everything',
  '226-detect-local-interface-prefix',
  '268-kitchen-sink',
  '394-random',
];

/** What a few commands leave, without the line of the table. */
function canon(...lines: readonly string[]): string {
  const script = lines.map((line) => line.replace('T', 'ip kube-proxy'));
  return canonNft(script.join('\n'), 'ip').replace(/^.*\n/, '');
}

/** The rule as it stands in the canonical text. */
function rule(text: string): string {
  return canon('add chain T c', `add rule T c ${text}`).split('\n')[1]!;
}

describe('the canonical form of a script', () => {
  for (const name of INPUTS) {
    it(`of kube-proxy's script for ${name} is the expected text of the case`, () => {
      const found = conformanceCases().find((candidate) => candidate.name === name)!;
      const script = readFileSync(new URL(`${name}.nft`, INPUT), 'utf8');
      for (const [family, version] of [
        ['ip', 'v4'],
        ['ip6', 'v6'],
      ] as const)
        expect(
          lineDiff(canonNft(script, family), readCaseFile(found, `expected.nft.${version}`)),
        ).to.equal('');
    });
  }

  const same: readonly (readonly [why: string, a: string, b: string])[] = [
    [
      'members in another order',
      'ip saddr { 10.0.0.1, 10.9.0.1 } drop',
      'ip saddr { 10.9.0.1, 10.0.0.1 } drop',
    ],
    ['a set of one', 'ip saddr { 10.0.0.0/8 } drop', 'ip saddr 10.0.0.0/8 drop'],
    ['neighbours', 'ip saddr { 10.0.0.0/9, 10.128.0.0/9 } drop', 'ip saddr 10.0.0.0/8 drop'],
    [
      'a network in another',
      'ip saddr { 10.0.0.0/8, 10.1.2.0/24 } drop',
      'ip saddr 10.0.0.0/8 drop',
    ],
    ['zeros and synonyms', 'meta mark set mark | 0x00004000', 'mark set mark or 0x4000'],
    ['IPv6 in two spellings', 'dnat to [fd00:0::1]:80', 'dnat to [fd00::1]:80'],
  ];
  for (const [why, a, b] of same)
    it(`is the same for ${why}`, () => {
      expect(rule(a)).to.equal(rule(b));
    });

  const different: readonly (readonly [why: string, a: string, b: string])[] = [
    ['a negation', 'ip saddr != 10.0.0.1 drop', 'ip saddr 10.0.0.1 drop'],
    ['a port', 'dnat to 10.0.0.1:80', 'dnat to 10.0.0.1:81'],
    ['a mark', 'mark set mark or 0x4000', 'mark set mark or 0x8000'],
    ['a comment', 'drop comment "a"', 'drop comment "b"'],
    [
      'another choice',
      'numgen random mod 2 vmap { 0 : goto a, 1 : goto b }',
      'numgen random mod 2 vmap { 0 : goto b, 1 : goto a }',
    ],
    ['one more member', 'ip saddr { 10.0.0.1, 10.9.0.1 } drop', 'ip saddr 10.0.0.1 drop'],
  ];
  for (const [why, a, b] of different)
    it(`differs for ${why}`, () => {
      expect(rule(a)).to.not.equal(rule(b));
    });

  it('keeps rules in order and sorts the rest', () => {
    expect(
      canon(
        'add chain T b { type filter hook input priority 0 ; }',
        'add chain T a',
        'add rule T b jump a',
        'add rule T b drop',
        'add set T s { type inet_service ; flags dynamic,timeout ; timeout 9s ; comment "x" ; }',
        'add element T s { 80 }',
        'add element T s { 9, 443 comment "y" }',
      ),
    ).to.equal(
      [
        'chain a',
        'chain b { type filter; hook input; priority 0 }',
        'set s { comment "x"; flags timeout; timeout 9s; type inet_service }',
        'element s { 9 }',
        'element s { 80 }',
        'element s { 443 comment "y" }',
        'rule b jump a',
        'rule b drop',
        '',
      ].join('\n'),
    );
  });

  it('applies flush and delete', () => {
    expect(
      canon(
        'add chain T a',
        'add rule T a drop',
        'flush chain T a',
        'add chain T b',
        'delete chain T b',
        'add set T s { type mark ; }',
        'add element T s { 1 }',
        'flush set T s',
      ),
    ).to.equal('chain a\nset s { type mark }\n');
  });
});
