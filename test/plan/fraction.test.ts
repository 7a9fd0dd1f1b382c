/** Shares are exact, whatever chances a cascade is made of. */

import { expect } from 'chai';
import fc from 'fast-check';
import { RULE_READER } from '../../src/backends/iptables/rule-reader.js';
import { oneIn } from '../../src/backends/iptables/syntax/probability.js';
import { probabilityText } from '../../src/backends/iptables/syntax/values.js';
import {
  ALL,
  complement,
  type Fraction,
  fraction,
  fractionText,
  NONE,
  percentText,
  plus,
  sameFraction,
  times,
} from '../../src/plan/fraction.js';
import type { Chains } from '../../src/plan/types.js';
import { property } from '../support/arbitrary/property.js';

const part = fc
  .tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([over, under]) => fraction(BigInt(Math.min(over, under)), BigInt(under)));

/** The nat chains of one pool whose picks have these chances; the last has none. */
function pool(chances: readonly string[]): Chains {
  const state = (chain: string, lines: readonly string[]) =>
    [
      `nat ${chain}`,
      { table: 'nat', chain, order: 'ordered', origin: 'x', lines, tail: 0 },
    ] as const;
  const name = (i: number) => `KUBE-SEP-${i}`;
  const lines = [...chances, ''].map((chance, i) => {
    const words = chance === '' ? '' : `-m statistic --mode random --probability ${chance} `;
    return `-A KUBE-SVC-X ${words}-j ${name(i)}`;
  });
  const endpoints = lines.map((_, i) =>
    state(name(i), [`-A ${name(i)} -p tcp -m tcp -j DNAT --to-destination 10.0.0.${i}:80`]),
  );
  return new Map([state('KUBE-SVC-X', lines), ...endpoints]);
}

function shares(chances: readonly string[]): readonly Fraction[] {
  return [...RULE_READER.shares(pool(chances), 'nat KUBE-SVC-X').values()];
}

describe('fractions', () => {
  it('add, multiply and complement exactly', () => {
    property(
      fc.property(part, part, (a, b) => {
        expect(sameFraction(plus(a, b), plus(b, a))).to.equal(true);
        expect(sameFraction(times(a, b), times(b, a))).to.equal(true);
        expect(sameFraction(plus(a, complement(a)), ALL)).to.equal(true);
        expect(sameFraction(plus(a, NONE), a)).to.equal(true);
        expect(sameFraction(times(a, ALL), a)).to.equal(true);
        expect(sameFraction(times(a, plus(b, complement(b))), a)).to.equal(true);
      }),
    );
  });

  it('are printed in lowest terms, and as percent with three digits', () => {
    const texts = (numerator: bigint, denominator: bigint) => {
      const value = fraction(numerator, denominator);
      return [fractionText(value), percentText(value)];
    };
    expect(texts(0n, 5n)).to.deep.equal(['0', '0%']);
    expect(texts(5n, 5n)).to.deep.equal(['1', '100%']);
    expect(texts(2n, 6n)).to.deep.equal(['1/3', '33.3%']);
    expect(texts(1n, 5000n)).to.deep.equal(['1/5000', '0.0200%']);
    expect(texts(1n, 2n ** 70n)[0])
      .to.match(/^\d/)
      .and.not.include('/');
  });
});

describe('shares of a cascade', () => {
  it('of kube-proxy’s chances are equal, for any number of endpoints', () => {
    for (const n of [1, 2, 3, 7, 50, 333, 1000, 4097]) {
      const found = shares(Array.from({ length: n - 1 }, (_, i) => oneIn(n - i)));
      expect(found).to.have.length(n);
      const equal = fraction(1n, BigInt(n));
      expect(
        found.every((share) => sameFraction(share, equal)),
        `${n} endpoints`,
      ).to.equal(true);
    }
  });

  it('add up to everything, whatever the chances', () => {
    property(
      fc.property(fc.array(fc.nat(2 ** 31), { maxLength: 6 }), (numerators) => {
        const found = shares(numerators.map(probabilityText));
        expect(fractionText(found.reduce(plus, NONE))).to.equal('1');
      }),
    );
  });
});
