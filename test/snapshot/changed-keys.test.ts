import { expect } from 'chai';
import fc from 'fast-check';
import { changedKeys } from '../../src/snapshot/changed-keys.js';
import { property } from '../support/arbitrary/property.js';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const steps = fc.array(fc.tuple(key, fc.option(fc.nat(2), { nil: undefined })), { maxLength: 12 });

/** A map after a life: keys set, deleted, and set again at the end. */
function grown(
  from: ReadonlyMap<string, number>,
  life: readonly (readonly [string, number | undefined])[],
): ReadonlyMap<string, number> {
  const map = new Map(from);
  for (const [name, value] of life) {
    if (value === undefined) map.delete(name);
    else map.set(name, value);
  }
  return map;
}

describe('the keys that changed between two maps', () => {
  it('are those with another value, whatever the order of the keys', () => {
    property(
      fc.property(steps, steps, fc.boolean(), (first, second, related) => {
        const before = grown(new Map(), first);
        const after = grown(related ? before : new Map(), second);
        const all = new Set([...before.keys(), ...after.keys()]);
        const expected = [...all].filter((name) => before.get(name) !== after.get(name));
        expect(changedKeys(before, after).toSorted()).to.deep.equal(expected.toSorted());
      }),
      5,
    );
  });

  it('are none where a key only moved to the end, and one where it came back as another', () => {
    const before = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const);
    const moved = new Map([
      ['a', 1],
      ['c', 3],
      ['b', 2],
    ] as const);
    const other = new Map([
      ['a', 1],
      ['c', 3],
      ['b', 9],
    ] as const);
    expect(changedKeys<number>(before, moved)).to.deep.equal([]);
    expect(changedKeys<number>(before, other)).to.deep.equal(['b']);
  });

  it('are none for the same map', () => {
    const map = new Map([['a', {}]]);
    expect(changedKeys(map, map)).to.deep.equal([]);
    expect(changedKeys(map, new Map(map))).to.deep.equal([]);
  });
});
