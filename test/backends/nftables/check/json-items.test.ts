/** Listings of nft are cut between objects, whatever their strings hold, and what is no whole listing is refused. */

import { expect } from 'chai';
import fc from 'fast-check';
import { TimeSlice } from '../../../../src/backends/check/checker.js';
import { jsonItems, listingOfItems } from '../../../../src/backends/nftables/check/json-items.js';
import { ParseError } from '../../../../src/errors.js';

const itemsOf = (text: string): Promise<readonly string[]> => jsonItems(text, new TimeSlice());

describe('backends/nftables/check/json-items', () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });

  it('gives back the objects of any listing', async () => {
    await fc.assert(
      fc.asyncProperty(objects, async (values) => {
        const items = await itemsOf(`${JSON.stringify({ nftables: values })}\n`);
        expect(items.map((item) => JSON.parse(item))).to.deep.equal(
          JSON.parse(JSON.stringify(values)),
        );
        expect(await itemsOf(listingOfItems(items))).to.deep.equal(items);
      }),
    );
  });

  it('refuses every beginning of a listing that is not all of it', async () => {
    const text = JSON.stringify({ nftables: [{ a: 'x]}"\\' }, { b: [1, { c: '{' }] }] });
    for (let end = 0; end < text.length; end++) {
      const error = await itemsOf(text.slice(0, end)).catch((reason: unknown) => reason);
      expect(error, text.slice(0, end)).to.be.instanceOf(ParseError);
    }
    expect(await itemsOf(text)).to.have.length(2);
  });
});
