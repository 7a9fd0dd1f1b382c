/** A map after changes is the map that a copy would be, in the same order. */

import { expect } from 'chai';
import fc from 'fast-check';
import { changedMap } from '../../src/snapshot/changed-map.js';
import { changedKeys } from '../../src/snapshot/share.js';
import { seed } from '../support/arbitrary/property.js';

const VALUES = Array.from({ length: 4 }, (_, n) => ({ n }));
const START = new Map(Array.from({ length: 60 }, (_, i) => [`k${i}`, VALUES[i % 4] ?? {}]));
const changes = fc.array(
  fc.tuple(
    fc.integer({ min: 50, max: 70 }).map((i) => `k${i}`),
    fc.constantFrom(undefined, ...VALUES),
  ),
  { maxLength: 4 },
);

describe('a changed map', () => {
  it('has the entries of a copy in their order, and names what differs', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 8 }), (steps) => {
        const expected = new Map<string, object>(START);
        let map: ReadonlyMap<string, object> = START;
        for (const step of steps) {
          const before = map;
          map = changedMap<object>(map, step);
          for (const [key, value] of step)
            if (value === undefined) expected.delete(key);
            else expected.set(key, value);
          expect([...map]).to.deep.equal([...expected]);
          expect([...map.keys()]).to.deep.equal([...expected.keys()]);
          expect([...map.values()]).to.deep.equal([...expected.values()]);
          expect(map.size).to.equal(expected.size);
          for (const [key] of step) {
            expect(map.get(key)).to.equal(expected.get(key));
            expect(map.has(key)).to.equal(expected.has(key));
          }
          const differing = [...new Set([...before.keys(), ...map.keys()])].filter(
            (key) => before.get(key) !== map.get(key),
          );
          expect(new Set(changedKeys(before, map))).to.deep.equal(new Set(differing));
        }
      }),
      { seed, numRuns: 200 },
    );
  });

  it('reads nothing of a large map that stays', () => {
    let reads = 0;
    const large = new (class extends Map<string, object> {
      override get(key: string) {
        reads++;
        return super.get(key);
      }
      override [Symbol.iterator](): MapIterator<[string, object]> {
        throw new Error('went through all entries');
      }
    })();
    for (let i = 0; i < 1000; i++) large.set(`k${i}`, {});
    const next = changedMap<object>(large, [['k7', {}]]);
    expect(changedKeys(large, next)).to.deep.equal(['k7']);
    expect(reads).to.be.lessThan(10);
  });
});
