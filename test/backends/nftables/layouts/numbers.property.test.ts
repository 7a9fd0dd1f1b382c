/**
 * Numbers of endpoints in layout fast: each once, those of a set, and few other ones after a change
 * of the set.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { numberedEndpoints } from '../../../../src/backends/nftables/layouts/fast/numbers.js';
import type { Endpoint } from '../../../../src/model/types.js';
import { parseIp } from '../../../../src/net/ip.js';
import { property } from '../../../support/arbitrary/property.js';

function endpoint(n: number): Endpoint {
  const ip = parseIp(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)!;
  const is = { ready: true, serving: true, terminating: false, local: false };
  return { ip, port: 8080, target: `${ip}:8080`, ...is, nodeName: '', zone: '' } as Endpoint;
}

const pool = fc
  .uniqueArray(fc.nat(2 ** 24 - 1), { minLength: 2, maxLength: 600, size: 'max' })
  .map((numbers) => numbers.map(endpoint));

function textsOf(endpoints: readonly Endpoint[]): readonly string[] {
  return endpoints.map(({ target }) => target).sort();
}

/** How many numbers have another endpoint, or one that they had not. */
function changes(before: readonly Endpoint[], after: readonly Endpoint[]): number {
  return after.filter((found, number) => before[number] !== found).length;
}

describe('nftables: numbers of endpoints', () => {
  it('every endpoint has one, whatever order they come in', () => {
    property(
      fc.property(pool, (endpoints) => {
        const numbered = numberedEndpoints(endpoints);
        expect(textsOf(numbered)).to.deep.equal(textsOf(endpoints));
        if (endpoints.length > 16)
          expect(numberedEndpoints([...endpoints].reverse())).to.deep.equal(numbered);
      }),
    );
  });

  it('one more or less changes a logarithm of them, on average', () => {
    let [changed, allowed] = [0, 0];
    property(
      fc.property(pool, fc.nat(), (all, which) => {
        const fewer = all.filter((_, i) => i !== which % all.length);
        const [more, less] = [numberedEndpoints(all), numberedEndpoints(fewer)];
        changed += changes(more, less) + changes(less, more);
        // Up to 16 keep their order.
        allowed += all.length <= 17 ? 2 * all.length : 6 * Math.log2(all.length);
      }),
      2,
    );
    expect(changed).to.be.below(allowed);
  });
});
