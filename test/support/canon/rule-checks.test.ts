/**
 * The checks themselves can fail: each is given a document with the one fault that it looks for.
 */

import { expect } from 'chai';
import { checkDocument, sharesOf } from './rule-checks.js';

const GOOD = `*filter
:KUBE-SERVICES - [0:0]
COMMIT
*nat
:KUBE-SVC-A - [0:0]
:KUBE-SEP-A - [0:0]
:KUBE-SEP-B - [0:0]
:KUBE-SEP-C - [0:0]
-A OUTPUT -j KUBE-SVC-A
-A KUBE-SVC-A -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-A
-A KUBE-SVC-A -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-B
-A KUBE-SVC-A -j KUBE-SEP-C
COMMIT
`;

describe('checks of printed documents', () => {
  it('accept a valid one', () => {
    checkDocument(GOOD, 'IPv4');
  });

  const faults: readonly (readonly [
    what: string,
    from: string | RegExp,
    to: string,
    said: RegExp,
  ])[] = [
    ['an unknown match', '-A OUTPUT', '-A OUTPUT -m quota --quota 1', /not understood/],
    ['another spelling', '-A OUTPUT', '-A OUTPUT -p 6', /read and written/],
    ['two blanks', '-A OUTPUT', '-A OUTPUT ', /no line/],
    ['a control character', '-A OUTPUT', '-A OUTPUT \x07', /no line/],
    ['a jump to nowhere', ':KUBE-SEP-B - [0:0]\n', '', /KUBE-SEP-B, which is not declared/],
    ['a jump into another table', '-j KUBE-SVC-A', '-j KUBE-SERVICES', /not declared in nat/],
    ['an undeclared chain', '-A OUTPUT', '-A ELSEWHERE', /ELSEWHERE/],
    ['an endpoint given twice', '-j KUBE-SEP-B', '-j KUBE-SEP-A', /each endpoint once/],
    ['an unfair share', '0.33333333349', '0.25000000000', /unfair/],
    ['the shares of a wrong size', '0.50000000000', '0.33333333349', /unfair/],
    ['nobody for the rest', /-A KUBE-SVC-A -j KUBE-SEP-C\n/, '', /all that is left/],
    [
      'somebody for all',
      '-m statistic --mode random --probability 0.33333333349 ',
      '',
      /all that is left/,
    ],
  ];
  for (const [what, from, to, said] of faults) {
    it(`refuse ${what}`, () => {
      const bad = GOOD.replace(from, to);
      expect(bad).to.not.equal(GOOD);
      expect(() => checkDocument(bad, 'IPv4')).to.throw(said);
    });
  }

  it('refuse declarations in the order of their names', () => {
    const names = Array.from(
      { length: 40 },
      (_, i) => `:KUBE-SEP-${String(i).padStart(4, '0')} - [0:0]\n`,
    );
    const text = (lines: readonly string[]): string => `*nat\n${lines.join('')}COMMIT\n`;
    expect(() => checkDocument(text(names), 'IPv4')).to.throw(/go down/);
    checkDocument(text(names.toReversed()), 'IPv4');
  });

  it('add up shares exactly', () => {
    const half = 2n ** 30n;
    expect(sharesOf([2n ** 31n])).to.deep.equal([1n]);
    expect(sharesOf([half, 2n ** 31n])).to.deep.equal([half, half]);
    expect(sharesOf([half])).to.equal(undefined);
    expect(sharesOf([])).to.equal(undefined);
  });
});
