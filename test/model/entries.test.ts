import { expect } from 'chai';
import fc from 'fast-check';
import { entryInPages, entryOf, pagesChange, withEntries } from '../../src/model/entries.js';
import type { ServiceEntry } from '../../src/model/types.js';
import { property } from '../support/arbitrary/property.js';
import { service } from './support.js';

function nameOf(own: string): ServiceEntry['name'] {
  return `shop/${own}`;
}

function entry(own: string): ServiceEntry {
  return {
    name: nameOf(own),
    service: service(own),
    slices: undefined,
    wanted: [],
    claims: [],
    ports: [],
    endpointCount: 0,
    diagnostics: [],
  };
}

/** More than stand in a page. */
const names: fc.Arbitrary<string[]> = fc
  .uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 40 })
  .map((tens) => tens.flatMap((ten) => Array.from({ length: 30 }, (_, i) => `s${ten}-${i}`)));

describe('the entries of a model', () => {
  it('stay in order and are found by name after any change, which pages tell', () => {
    property(
      fc.property(names, names, names, (first, come, gone) => {
        const old = withEntries([], new Map(first.map((n) => [nameOf(n), entry(n)])));
        const fresh = new Map(come.map((n) => [nameOf(n), entry(n)]));
        const left = new Map(gone.map((n) => [nameOf(n), undefined]));
        const pages = withEntries(old, new Map([...fresh, ...left]));
        const now = pages.flat();

        const isGone = new Set(gone);
        const expected = [...new Set([...first, ...come])].filter((n) => !isGone.has(n)).sort();
        expect(now.map(({ name }) => name)).to.deep.equal(expected.map(nameOf));
        for (const found of now) {
          expect(entryOf(now, found.name)).to.equal(found);
          expect(entryInPages(pages, found.name)).to.equal(found);
          expect(found).to.equal(fresh.get(found.name) ?? entryInPages(old, found.name));
        }
        for (const n of gone) expect(entryInPages(pages, nameOf(n))).to.equal(undefined);
        expect(old.flat()).to.have.length(first.length);
        expect(pages.filter((page) => page.length === 0 || page.length > 512)).to.deep.equal([]);

        const change = pagesChange(old, pages);
        const before = change.before.flat();
        expect(before).to.deep.equal(now.slice(0, before.length));
        expect(change.old.filter((one) => !old.flat().includes(one))).to.deep.equal([]);
        const after = old.flat().slice(before.length + change.old.length);
        expect([...before, ...change.fresh, ...after]).to.deep.equal(now);
      }),
      0.3,
    );
  });
});
