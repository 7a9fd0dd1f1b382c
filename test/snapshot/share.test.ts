/** What was read anew shares with what was read before all that says the same. */

import { expect } from 'chai';
import fc from 'fast-check';
import { indexSnapshot } from '../../src/snapshot/index-objects.js';
import { equalValues, shareSnapshot } from '../../src/snapshot/share.js';
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
