/** Prefix trees: the same however they came about, shallow, and changed along one path. */

import { expect } from 'chai';
import fc from 'fast-check';
import {
  branchesOf,
  changedTree,
  MOST_LEVELS,
  newLeaves,
  placeOf,
  standsAlone,
  type Tree,
  treeOf,
} from '../../../../src/backends/iptables/dispatch/prefix-tree.js';
import type { TreeEntry } from '../../../../src/backends/iptables/dispatch/tree-entries.js';
import { property } from '../../../support/arbitrary/property.js';

const key = fc.oneof(
  fc.integer({ min: 0, max: 8 ** 4 - 1 }),
  // Each is alone beside all further ones, which is as deep as it can get.
  fc.integer({ min: 0, max: 11 }).map((bits) => 2 ** bits),
);
const entries = fc.array(
  fc.record({
    key: key.map((n) => n.toString(8).padStart(4, '0').repeat(3)),
    origin: fc.constantFrom('a', 'b', 'c'),
  }),
  { maxLength: 120 },
);

/** What of a tree decides where rules stand. */
function shapeOf(tree: Tree): unknown {
  if (tree === undefined) return undefined;
  if ('children' in tree)
    return { prefix: tree.prefix, place: tree.place, children: tree.children.map(shapeOf) };
  return { place: tree.place, entries: tree.entries.map((one) => JSON.stringify(one)).sort() };
}

describe('a prefix tree', () => {
  it('depends on its entries alone, and finds each', () => {
    property(
      fc.property(entries, fc.array(entries, { maxLength: 3 }), (first, changes) => {
        let [tree, held]: [Tree, readonly TreeEntry[]] = [treeOf(first), first];
        for (const added of changes) {
          const removed = held.filter((_, i) => i % 3 === 0);
          const left = held.filter((_, i) => i % 3 !== 0);
          const before = tree;
          tree = changedTree(tree, removed, added);
          held = [...left, ...added];
          expect(shapeOf(tree)).to.deep.equal(shapeOf(treeOf(held)));
          const leaves = newLeaves(tree, before);
          const fresh = new Set(leaves.flatMap((leaf) => leaf.entries.map((one) => one.key)));
          for (const entry of left)
            if (!fresh.has(entry.key))
              expect(placeOf(tree, entry.key)).to.equal(placeOf(before, entry.key));
        }
      }),
    );
  });

  it('changes one by one as at once', () => {
    property(
      fc.property(entries, entries, (first, second) => {
        let tree = treeOf(first);
        for (const entry of second) tree = changedTree(tree, [], [entry]);
        for (const entry of first) tree = changedTree(tree, [entry], []);
        expect(shapeOf(tree)).to.deep.equal(shapeOf(treeOf(second)));
      }),
    );
  });

  it('has no more nodes above each other than the kernel takes', () => {
    const comb = Array.from({ length: 40 }, (_, i) => ({
      key: `${'0'.repeat(i)}${'7'.repeat(40 - i)}`,
      origin: '',
    }));
    const tree = treeOf(comb);
    expect(tree && 'height' in tree && tree.height).to.equal(MOST_LEVELS);
    const held = comb.map((entry) => placeOf(tree, entry.key));
    expect(Math.max(...held.map((place) => place.length))).to.be.lessThan(40);
    expect(shapeOf(changedTree(tree, comb.slice(9), []))).to.deep.equal(
      shapeOf(treeOf(comb.slice(0, 9))),
    );
  });

  it('holds at most eight rules in a node, and few nodes change with an entry', () => {
    const all = Array.from({ length: 5000 }, (_, i) => ({
      key: ((i * 7919) % 8 ** 5).toString(8).padStart(5, '0'),
      origin: `${i}`,
    }));
    const tree = treeOf(all.slice(1));
    for (const branch of branchesOf(tree)) {
      const alone = branch.children.filter(standsAlone);
      expect(branch.children.length).to.be.at.most(8);
      for (const child of alone)
        if ('entries' in child) expect(child.entries.length).to.be.at.most(8);
    }
    const more = changedTree(tree, [], all.slice(0, 1));
    const known = new Set(branchesOf(tree));
    expect(branchesOf(more).filter((branch) => !known.has(branch)).length).to.be.lessThan(8);
    expect(newLeaves(more, tree).length).to.be.lessThan(9);
  });
});
