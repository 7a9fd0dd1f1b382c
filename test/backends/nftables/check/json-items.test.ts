/**
 * Listings of nft are cut between objects, whatever their strings hold, and what is no whole
 * listing is refused.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { jsonItems, listingOfItems } from '../../../../src/backends/nftables/check/json-items.js';
import { ParseError } from '../../../../src/errors.js';
import { finish } from '../../../../src/steps.js';

const itemsOf = (text: string): readonly string[] => finish(jsonItems(text));

describe('backends/nftables/check/json-items', () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });

  it('gives back the objects of any listing', () => {
    fc.assert(
      fc.property(objects, (values) => {
        const items = itemsOf(`${JSON.stringify({ nftables: values })}\n`);
        expect(items.map((item) => JSON.parse(item))).to.deep.equal(
          JSON.parse(JSON.stringify(values)),
        );
        expect(itemsOf(listingOfItems(items))).to.deep.equal(items);
      }),
    );
  });

  it('refuses every beginning of a listing that is not all of it', () => {
    const text = JSON.stringify({ nftables: [{ a: 'x]}"\\' }, { b: [1, { c: '{' }] }] });
    for (let end = 0; end < text.length; end++) {
      expect(() => itemsOf(text.slice(0, end)), text.slice(0, end)).to.throw(ParseError);
    }
    expect(itemsOf(text)).to.have.length(2);
  });
});
