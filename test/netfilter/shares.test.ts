/** Shares are exact, whatever chances a cascade is made of. */

import { expect } from 'chai';
import fc from 'fast-check';
import { meaningOf } from '../../src/backends/iptables/meaning.js';
import {
  chanceText,
  oneIn,
  parseProbability,
  probabilityText,
} from '../../src/backends/iptables/syntax/values.js';
import type { Ip } from '../../src/net/ip.js';
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
} from '../../src/netfilter/fraction.js';
import type { Rule } from '../../src/netfilter/rule.js';
import { nominalChance, sharesOf } from '../../src/netfilter/shares.js';
import { property } from '../support/arbitrary/property.js';

const part = fc
  .tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }))
  .map(([over, under]) => fraction(BigInt(Math.min(over, under)), BigInt(under)));

/** The shares of one pool whose picks have these chances; the last has none. */
function shares(chances: readonly string[]): readonly Fraction[] {
  const chains = new Map<string, readonly string[]>();
  const picks = [...chances, ''].map((chance, i) => {
    const address = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    chains.set(`SEP-${i}`, [`-A SEP-${i} -p tcp -m tcp -j DNAT --to-destination ${address}:80`]);
    const words = chance === '' ? '' : `-m statistic --mode random --probability ${chance} `;
    return `-A SVC ${words}-j SEP-${i}`;
  });
  chains.set('SVC', picks);
  return [...sharesIn(chains, 'SVC').values()];
}

function sharesIn(
  chains: ReadonlyMap<string, readonly string[]>,
  chain: string,
): ReadonlyMap<string, Fraction> {
  return sharesOf(chain, (name) => chains.get(name)?.map(meaningOf));
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

describe('chances of so many in so many', () => {
  it('are known from the numerator that the kernel keeps', () => {
    const size = fc.integer({ min: 1, max: 40_000 });
    property(
      fc.property(size, size, (a, b) => {
        const [part, whole] = [Math.min(a, b), Math.max(a, b)];
        const kept = parseProbability(chanceText(part, whole)) ?? expect.fail('no chance');
        expect(fractionText(nominalChance(kept))).to.equal(
          fractionText(fraction(BigInt(part), BigInt(whole))),
        );
      }),
    );
  });

  it('are those of the kernel where they are of no small numbers', () => {
    expect(fractionText(nominalChance(1_431_655_766))).to.equal('715827883/1073741824');
  });
});

describe('shares of other chains', () => {
  const DNAT = '-p tcp -m tcp -j DNAT --to-destination 10.0.0';
  const cases: readonly (readonly [
    what: string,
    chains: Readonly<Record<string, readonly string[]>>,
    shares: Readonly<Record<string, string>>,
  ])[] = [
    [
      'what a chain without rules is given goes on behind the jump',
      { A: ['-m statistic --mode random --probability 0.5 -j B', '-j C'], B: [], C: [`${DNAT}.3`] },
      { '10.0.0.3': '1' },
    ],
    [
      'what a chain is given by a goto comes back to the caller of the caller',
      { A: ['-j B', `${DNAT}.1`], B: ['-g C', `${DNAT}.2`], C: ['-j RETURN', `${DNAT}.3`] },
      { '10.0.0.1': '1' },
    ],
    [
      'conditions on the client decide nothing, and nor does what is not understood',
      {
        A: [
          `-s 10.0.0.0/8 ${DNAT}.1`,
          `-m recent --rcheck --seconds 10 --name x --mask 255.255.255.255 --rsource ${DNAT}.2`,
          `-m owner --uid-owner 0 ${DNAT}.3`,
          '-j TEE --gateway 192.0.2.1',
          `-m recent --set --name x --mask 255.255.255.255 --rsource ${DNAT}.4:80`,
        ],
      },
      { '10.0.0.4:80': '1' },
    ],
    [
      'a client that is on no list',
      {
        A: [
          `-m recent --rcheck --name x --mask 255.255.255.255 --rsource ${DNAT}.2`,
          `-m recent ! --rcheck --name x --mask 255.255.255.255 --rsource ${DNAT}.3`,
        ],
      },
      { '10.0.0.3': '1' },
    ],
    [
      'a verdict ends the walk',
      { A: ['-m statistic --mode random --probability 0.25 -j DROP', `${DNAT}.1`] },
      { '10.0.0.1': '3/4' },
    ],
    [
      'with a negated chance',
      { A: [`-m statistic --mode random ! --probability 0.25 ${DNAT}.1`, `${DNAT}.2`] },
      { '10.0.0.1': '3/4', '10.0.0.2': '1/4' },
    ],
    ['a loop', { A: ['-j B'], B: ['-j A', `${DNAT}.1`] }, { '10.0.0.1': '1' }],
  ];
  for (const [what, chains, wanted] of cases) {
    it(what, () => {
      const lines = Object.entries(chains).map(([chain, rules]): [string, readonly string[]] => [
        chain,
        rules.map((rule) => `-A ${chain} ${rule}`),
      ]);
      const found = [...sharesIn(new Map(lines), 'A')].map(([to, share]) => [
        to,
        fractionText(share),
      ]);
      expect(Object.fromEntries(found)).to.deep.equal(wanted);
    });
  }

  it('numbers share equally, and what has none goes on', () => {
    const drawn = (numbers: number, first = 0): Rule => ({
      statements: [{ kind: 'drawn-lookup', map: 'm', key: ['daddr'], first, numbers }],
      line: '',
      comment: '',
    });
    const ip = '10.0.0.1' as Ip;
    const held = new Map([0, 1, 3].map((number) => [number, { ip, port: 80 + number }]));
    const found = sharesOf(
      'A',
      () => [drawn(3), drawn(2, 3), drawn(1)],
      (map) => (map === 'm' ? held : new Map()),
    );
    expect([...found].map(([to, share]) => [to, fractionText(share)])).to.deep.equal([
      ['10.0.0.1:80', '1/2'],
      ['10.0.0.1:81', '1/3'],
      ['10.0.0.1:83', '1/6'],
    ]);
  });

  it('choices share equally', () => {
    const rule: Rule = {
      statements: [
        {
          kind: 'choose',
          choices: [
            { kind: 'dnat', ip: '10.0.0.1' as Ip, port: 80 },
            { kind: 'goto', chain: 'B' },
            { kind: 'dnat', ip: '10.0.0.1' as Ip, port: 80 },
          ],
        },
      ],
      line: '',
      comment: '',
    };
    const found = sharesOf('A', (chain) => (chain === 'A' ? [rule] : []));
    expect([...found].map(([to, share]) => [to, fractionText(share)])).to.deep.equal([
      ['10.0.0.1:80', '2/3'],
    ]);
  });

  it('numbers without a choice go on', () => {
    const endpoint = (port: number) => ({ kind: 'dnat', ip: '10.0.0.1' as Ip, port }) as const;
    const rule = (choices: readonly ReturnType<typeof endpoint>[], numbers?: number): Rule => ({
      statements: [{ kind: 'choose', choices, ...(numbers !== undefined && { numbers }) }],
      line: '',
      comment: '',
    });
    const rules = [rule([endpoint(80)], 3), rule([endpoint(81)])];
    const found = sharesOf('A', () => rules);
    expect([...found].map(([to, share]) => [to, fractionText(share)])).to.deep.equal([
      ['10.0.0.1:80', '1/3'],
      ['10.0.0.1:81', '2/3'],
    ]);
  });
});
