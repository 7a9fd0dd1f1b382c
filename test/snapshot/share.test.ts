/** A snapshot that was read again shares what is equal with the one before. */

import { expect } from 'chai';
import fc from 'fast-check';
import { indexSnapshot } from '../../src/snapshot/index-objects.js';
import { changedKeys, equalValues, shareSnapshot } from '../../src/snapshot/share.js';
import type { KubernetesObject, Snapshot } from '../../src/snapshot/types.js';
import { updateSnapshot } from '../../src/snapshot/update.js';
import { property } from '../support/arbitrary/property.js';
import { change, cluster } from '../support/arbitrary/snapshot.js';

function snapshotOf(objects: readonly KubernetesObject[]): Snapshot {
  return updateSnapshot(indexSnapshot({ services: [], slices: [], nodes: [], serviceCidrs: [] }), {
    set: objects,
  });
}

/** As if it had been read again: nothing is the same object. */
function copy(snapshot: Snapshot): Snapshot {
  return structuredClone(snapshot);
}

describe('snapshot/share', () => {
  it('is the earlier snapshot where nothing differs', () =>
    property(
      fc.property(cluster, (objects) => {
        const before = snapshotOf(objects);
        expect(shareSnapshot(before, copy(before))).to.equal(before);
      }),
    ));

  it('equals the later one, and shares every object, list and map that is equal', () =>
    property(
      fc.property(cluster, change, (objects, changed) => {
        const before = snapshotOf(objects);
        const after = updateSnapshot(before, changed);
        const shared = shareSnapshot(before, copy(after));
        expect(shared).to.deep.equal(after);
        for (const map of ['services', 'slices', 'nodes'] as const) {
          for (const [key, value] of shared[map]) {
            const known = before[map].get(key);
            if (known !== undefined && equalValues(known, value)) expect(value).to.equal(known);
          }
        }
        for (const [service, list] of shared.slices) {
          const known = before.slices.get(service) ?? [];
          for (const slice of list) {
            const same = known.find((old) => equalValues(old, slice));
            if (same !== undefined) expect(slice).to.equal(same);
          }
        }
        if (equalValues([...before.services], [...after.services]))
          expect(shared.services).to.equal(before.services);
      }),
    ));

  it('compares values, not the order of their keys', () => {
    expect(equalValues({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).to.equal(
      true,
    );
    const different: readonly (readonly [unknown, unknown])[] = [
      [{ a: 1 }, { a: 1, b: 2 }],
      [{ a: 1, b: 2 }, { a: 1 }],
      [{ a: undefined }, { b: undefined }],
      [
        [1, 2],
        [2, 1],
      ],
      [[1], [1, 2]],
      [[], {}],
      [{}, []],
      [null, {}],
      [{}, null],
      ['1', 1],
      [0, false],
      [{ a: { b: 1 } }, { a: { b: 2 } }],
    ];
    for (const [a, b] of different)
      expect(equalValues(a, b), JSON.stringify([a, b])).to.equal(false);
  });
});

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

describe('snapshot/share: changedKeys', () => {
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
