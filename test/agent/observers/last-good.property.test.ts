/** What an agent saves of any cluster is read back as it was. */

import { expect } from 'chai';
import fc from 'fast-check';
import { readLastGood } from '../../../src/agent/observers/last-good.js';
import { indexSnapshot } from '../../../src/snapshot/index-objects.js';
import { loadSnapshot } from '../../../src/snapshot/load.js';
import { property } from '../../support/arbitrary/property.js';
import { cluster } from '../../support/arbitrary/snapshot.js';
import { conformanceCases, readCaseFile } from '../../support/cases/conformance-cases.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';
import { textOf } from './saved-text.js';

const PATH = '/var/lib/vipc/last-good.json';

describe('agent/observers/last-good, of any cluster', () => {
  it('reads back what it has written, for every recorded cluster', async () => {
    for (const found of conformanceCases().filter(({ recordedHere }) => recordedHere)) {
      const { snapshot } = loadSnapshot([
        { name: 'snapshot.yaml', text: readCaseFile(found, 'snapshot.yaml') },
      ]);
      const { loaded, diagnostics } = await readLastGood(
        new MemoryHost({ files: { [PATH]: textOf(snapshot) } }),
        PATH,
      );
      const { skippedKinds: _none, ...before } = snapshot;
      const { skippedKinds, ...after } =
        loaded?.snapshot ??
        indexSnapshot({ services: [], slices: [], nodes: [], serviceCidrs: [] });
      expect(after, found.name).to.deep.equal(before);
      expect(skippedKinds.size).to.equal(0);
      expect(
        diagnostics.filter(({ severity }) => severity === 'error'),
        found.name,
      ).to.deep.equal([]);
    }
  });

  it('reads back any cluster, in whatever pieces it was written', () =>
    property(
      fc.property(cluster, fc.constantFrom(0, 5), (objects, slice) => {
        const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
        const { snapshot } = loadSnapshot([{ name: 'x', text: list }]);
        const text = textOf(snapshot, slice);
        // As readLastGood does: a field that no rule needs is not written again.
        const again = loadSnapshot([{ name: PATH, text, stored: true }]).snapshot;
        expect(again).to.deep.equal({ ...snapshot, skippedKinds: new Map() });
        expect(text).to.match(/^[\n\x20-\x7e]*$/);
      }),
    ));
});
