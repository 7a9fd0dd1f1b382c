/**
 * For every layout L and cluster c: what L prints for c does not differ from L(c), an apply ends in
 * exactly L(c) wherever it comes from, and going on to kube-proxy's layout leaves nothing of L.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { compileLayout } from '../../src/backends/compile.js';
import { BACKENDS } from '../../src/backends/index.js';
import type { LoadInput } from '../../src/backends/transaction.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { wholeLines } from '../../src/plan/plan.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import type { Snapshot } from '../../src/snapshot/types.js';
import { updateSnapshot } from '../../src/snapshot/update.js';
import { layoutParts, nftablesLayout } from '../support/arbitrary/nft-layout.js';
import { property, propertyUntil } from '../support/arbitrary/property.js';
import { change, cluster, options } from '../support/arbitrary/snapshot.js';
import { MemoryNft } from '../support/kernels/memory-nft.js';

const backend = BACKENDS.nftables;
const [kubeProxy] = backend.layouts;

function load(nft: MemoryNft, input: LoadInput): void {
  for (const { text } of input) expect(nft.load(text)).to.equal('');
}

/** A kernel that holds nothing but a Ruleset. */
function freshly(ruleset: Ruleset): MemoryNft {
  const nft = new MemoryNft();
  expect(nft.load(backend.print(ruleset))).to.equal('');
  return nft;
}

/**
 * The plan from one Ruleset to another, made without `looking` at the kernel where that is
 * possible, brings a kernel to the second.
 */
function goes(before: Ruleset, after: Ruleset, looking: boolean): void {
  const update = looking ? undefined : backend.planUpdate(before, after);
  const plan = update ?? backend.read(backend.print(before)).plan(after);
  for (const twoSteps of [false, true]) {
    const nft = freshly(before);
    load(nft, backend.input(plan, { variant: 'nf_tables', twoSteps }));
    expect(nft.save()).to.equal(freshly(after).save());
  }
}

function snapshotOf(objects: readonly unknown[]): Snapshot {
  return loadSnapshot([
    { name: 'cluster', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) },
  ]).snapshot;
}

function isEmpty({ changes, leftovers, comments, pinned }: FamilyPlan): void {
  expect([...changes, ...leftovers, ...comments, ...pinned]).to.deep.equal([]);
}

describe('any layout of mode nftables', () => {
  it('what a layout prints does not differ from it, and every way ends in what is wanted', () => {
    let rewritten = 0;
    propertyUntil(
      () => rewritten > 0,
      fc.property(
        layoutParts,
        cluster,
        options,
        change,
        fc.constantFrom<Family>('IPv4', 'IPv6'),
        fc.boolean(),
        (parts, objects, given, step, family, looking) => {
          const layout = nftablesLayout(parts);
          const snapshot = snapshotOf(objects);
          const first = compileSnapshot(snapshot, family, { ...given, layout });
          const next = updateSnapshot(snapshot, step);
          const second = compileSnapshot(next, family, { ...given, layout }, first);
          const plain = compileLayout(first.model, kubeProxy);
          for (const { ruleset } of [first, second])
            isEmpty(backend.read(backend.print(ruleset)).plan(ruleset));
          goes(plain, first.ruleset, true);
          goes(first.ruleset, second.ruleset, looking);
          goes(first.ruleset, plain, looking);
          rewritten += backend
            .read(backend.print(first.ruleset))
            .plan(plain)
            .changes.flatMap(wholeLines).length;
        },
      ),
    );
    expect(rewritten, 'lines that differ between layouts').to.be.greaterThan(0);
  });

  it('rules of a layout of one’s own are not called foreign, and its frontends are seen', () => {
    property(
      fc.property(layoutParts, cluster, options, (parts, objects, given) => {
        // Of a plain rule in a chain of kube-proxy's layout nothing shows who wrote it.
        const layout = nftablesLayout({ ...parts, rules: false, tail: false });
        const { ruleset, model } = compileSnapshot(snapshotOf(objects), 'IPv4', {
          ...given,
          layout,
        });
        const plain = compileLayout(model, kubeProxy);
        const own = backend.read(backend.print(ruleset));
        const { services } = own.summary(own.plan(plain), plain);
        const foreign = services
          .flatMap(({ chains }) => chains)
          .flatMap(({ rules }) => rules)
          .filter(({ finding }) => finding === 'foreign');
        expect(foreign).to.deep.equal([]);
        const places = (rules: typeof own): readonly string[] =>
          rules
            .frontends('IPv4')
            .map((frontend) => JSON.stringify(frontend))
            .sort();
        expect(places(own)).to.deep.equal(places(backend.read(backend.print(plain))));
      }),
    );
  });
});
