/**
 * Compares what is expected with what is found where there are very many cases, or open conditions.
 */

import { expect } from 'chai';
import { deviationOf, deviationsOf, type OutcomePart } from '../../src/explain/comparison.js';
import type { Assumption } from '../../src/netfilter/flow.js';
import { ALL, fraction } from '../../src/netfilter/fraction.js';
import { difference } from '../../src/netfilter/intervals.js';
import { everything, numbers, type Region } from '../../src/netfilter/region.js';

const WHOLE = everything('IPv4');

function part(outcome: string, region: Region, share = ALL, assumed: readonly Assumption[] = []) {
  return [outcome, { region, share, assumptions: assumed }] as OutcomePart;
}

/** What many endpoints get, each with another outcome for the packets that it sends itself. */
function hairpins(count: number, shareOf: (i: number) => bigint): readonly OutcomePart[] {
  return Array.from({ length: count }, (_, i) => {
    const own = numbers(i, i);
    const share = fraction(shareOf(i), BigInt(count));
    return [
      part(`accept to ${i}`, { ...WHOLE, saddr: difference(WHOLE.saddr, own) }, share),
      part(`accept to ${i} masqueraded`, { ...WHOLE, saddr: own }, share),
    ];
  }).flat();
}

function open(text: string, holds: boolean, occurs: readonly boolean[] = []): Assumption {
  return { text, holds, occurs };
}

describe('comparison of outcomes', () => {
  it('refutes shares that are wrong for any of very many senders', () => {
    const found = hairpins(3000, (i) => (i === 0 ? 2n : i === 1 ? 0n : 1n));
    const deviation = deviationOf(
      WHOLE,
      hairpins(3000, () => 1n),
      found,
    );
    expect(deviation?.kind).to.equal('refuted');
    expect(deviation?.expected.size).to.equal(3000);
  });

  it('takes an outcome for unknown that one answer to a condition makes right', () => {
    const wanted = [part('passes', WHOLE)];
    const found = [
      part('drop', WHOLE, ALL, [open('a', true)]),
      part('passes', WHOLE, ALL, [open('a', false)]),
    ];
    const [deviation, ...others] = deviationsOf(WHOLE, wanted, found);
    expect(others).to.deep.equal([]);
    expect(deviation).to.include({ kind: 'unknown' });
    expect(deviation?.assumptions).to.deep.equal(['a']);
  });

  it('takes it for unknown where a rule behind it may make it right', () => {
    const found = [
      part('drop', WHOLE, ALL, [open('a', true)]),
      part('unknown -j OTHER', WHOLE, ALL, [open('a', false)]),
    ];
    expect(deviationOf(WHOLE, [part('passes', WHOLE)], found)?.kind).to.equal('unknown');
  });

  it('refutes what is wrong whatever the answer, or with one that some packets surely get', () => {
    const wanted = [part('passes', WHOLE)];
    const anyway = [
      part('drop', WHOLE, ALL, [open('a', true)]),
      part('reject', WHOLE, ALL, [open('a', false)]),
    ];
    expect(deviationOf(WHOLE, wanted, anyway)?.kind).to.equal('refuted');
    const some = [
      part('passes', WHOLE, ALL, [open('a', true, [false])]),
      part('drop', WHOLE, ALL, [open('a', false, [false])]),
    ];
    expect(deviationOf(WHOLE, wanted, some)?.kind).to.equal('refuted');
  });

  it('asks about no condition that makes no difference', () => {
    const texts = Array.from({ length: 40 }, (_, i) => `condition ${i}`);
    const earlier = (i: number) => texts.slice(0, i).map((text) => open(text, false));
    const found = texts.map((text, i) =>
      part('drop', WHOLE, ALL, [...earlier(i), open(text, true)]),
    );
    const rest = part('passes', WHOLE, ALL, earlier(texts.length));
    const all = deviationsOf(WHOLE, [part('passes', WHOLE)], [...found, rest]);
    expect(all.length).to.equal(40);
    expect(all.every(({ kind }) => kind === 'unknown')).to.equal(true);
  });
});
