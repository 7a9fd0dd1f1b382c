import { expect } from 'chai';
import fc from 'fast-check';
import { entryOf, withEntries } from '../../src/model/entries.js';
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

const names: fc.Arbitrary<string[]> = fc.uniqueArray(
  fc.constantFrom('a', 'b', 'b0', 'b-1', 'c', 'd', 'zz'),
);

describe('the entries of a model', () => {
  it('stay in order and are found by name after any change', () => {
    property(
      fc.property(names, names, names, (first, come, gone) => {
        const old = withEntries([], new Map(first.map((n) => [nameOf(n), entry(n)])));
        const fresh = new Map(come.map((n) => [nameOf(n), entry(n)]));
        const left = new Map(gone.map((n) => [nameOf(n), undefined]));
        const now = withEntries(old, new Map([...fresh, ...left]));

        const expected = [...new Set([...first, ...come])].filter((n) => !gone.includes(n)).sort();
        expect(now.map(({ name }) => name)).to.deep.equal(expected.map(nameOf));
        for (const found of now) {
          expect(entryOf(now, found.name)).to.equal(found);
          expect(found).to.equal(fresh.get(found.name) ?? entryOf(old, found.name));
        }
        for (const n of gone) expect(entryOf(now, nameOf(n))).to.equal(undefined);
        expect(old).to.have.length(first.length);
      }),
    );
  });
});
