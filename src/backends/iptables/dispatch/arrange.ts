/**
 * Arranges the rules of all Services in chains of every node as prefix trees, so that a new
 * connection meets few of them. Each rule stays as it is, but for the chain that it stands in.
 */

import { addTo, getOrInsert } from '../../../grouping.js';
import type { Family } from '../../../net/ip.js';
import type { Fragment } from '../../../ruleset/types.js';
import { commonEnds } from '../../../shared-ends.js';
import type { Arranged } from '../../layout.js';
import { type PlacedRule, placedRules, type ReadRules, rewritten } from './fragment-rules.js';
import {
  matchOf,
  type NodeMatch,
  nodeName,
  rootOfNode,
  TREE_KINDS,
  type TreeKind,
} from './kinds.js';
import {
  type Branch,
  branchesOf,
  changedTree,
  entryName,
  newLeaves,
  placeOf,
  standsAlone,
  type Tree,
  type TreeEntry,
} from './prefix-tree.js';

type Trees = ReadonlyMap<TreeKind, Tree>;

/** The trees that lists of fragments of nodes were made from: a change starts from them. */
const TREES = new WeakMap<readonly Fragment[], Trees>();

/** How nodes are written: the template of one branch with the chains below it. */
export interface NodeWriter {
  readonly family: Family;
  readonly template: (branch: BranchView) => string;
}

/** What the template of a branch has holes for. */
export interface BranchView {
  readonly table: string;
  readonly chain: string;
  /** `-j` where a packet that no node matches must come back, else `-g`. */
  readonly lead: string;
  readonly nodes: readonly (NodeMatch & { readonly chain: string })[];
}

/**
 * The ports with each rule in its place in the trees, which hold nothing else. `before`: an earlier
 * result that shares fragments with `ports`; what stayed is not read again.
 */
export function arrange(
  ports: readonly Fragment[],
  writer: NodeWriter,
  before: Arranged = { ports: [], shared: [] },
): Arranged {
  const old = TREES.get(before.shared);
  const { removed, added } =
    old === undefined ? { removed: [], added: ports } : changedFragments(before.ports, ports);
  if (old !== undefined && removed.length + added.length === 0) return { ...before, ports };
  const rulesOf = placedRules();
  const [oldEntries, newEntries] = [entriesOf(removed, rulesOf), entriesOf(added, rulesOf)];
  const trees = new Map(
    TREE_KINDS.map((kind) => [
      kind,
      changed(old?.get(kind), oldEntries.get(kind), newEntries.get(kind)),
    ]),
  );
  const moved = new Set<string>(added.map(({ origin }) => origin));
  for (const [kind, tree] of trees)
    for (const leaf of newLeaves(tree, old?.get(kind)))
      for (const { origin } of leaf.entries) moved.add(origin);
  const shared = nodesOf(trees, writer, before.shared);
  TREES.set(shared, trees);
  const place = placing(trees, writer.family, rulesOf);
  return { ports: withMoved(ports, moved, place, before.ports), shared };
}

/** Where each origin stands in a list of ports, if each stands there once. */
type Places = ReadonlyMap<string, number>;

/** A change rarely moves a port to another place in the list. */
const PLACES = new WeakMap<readonly Fragment[], Places>();

/** The ports, those of these origins with each rule in its place. */
function withMoved(
  ports: readonly Fragment[],
  moved: ReadonlySet<string>,
  place: (fragment: Fragment) => Fragment,
  before: readonly Fragment[],
): readonly Fragment[] {
  const places = PLACES.get(before);
  const isThere = (origin: string): boolean => ports[places?.get(origin) ?? -1]?.origin === origin;
  if (places?.size !== ports.length || ![...moved].every(isThere)) {
    const all = ports.map((one) => (moved.has(one.origin) ? place(one) : one));
    PLACES.set(all, new Map(all.map(({ origin }, i) => [origin, i])));
    return all;
  }
  const next = [...ports];
  for (const origin of moved) {
    const at = places.get(origin) ?? -1;
    const fragment = ports[at];
    if (fragment !== undefined) next[at] = place(fragment);
  }
  PLACES.set(next, places);
  return next;
}

/** The fragments that only one of the lists has, by identity. */
function changedFragments(
  before: readonly Fragment[],
  after: readonly Fragment[],
): { readonly removed: readonly Fragment[]; readonly added: readonly Fragment[] } {
  const { start, end } = commonEnds(before, after);
  const old = before.slice(start, before.length - end);
  const fresh = after.slice(start, after.length - end);
  const [oldOnes, freshOnes] = [new Set(old), new Set(fresh)];
  return {
    removed: old.filter((fragment) => !freshOnes.has(fragment)),
    added: fresh.filter((fragment) => !oldOnes.has(fragment)),
  };
}

/** The entries of fragments, by tree. */
function entriesOf(
  fragments: readonly Fragment[],
  rulesOf: ReadRules,
): ReadonlyMap<TreeKind, readonly TreeEntry[]> {
  const found = new Map<TreeKind, TreeEntry[]>();
  for (const fragment of fragments)
    for (const rule of rulesOf(fragment))
      if (rule.key !== undefined)
        addTo(found, rule.key.kind, { key: rule.key.key, origin: fragment.origin });
  return found;
}

/** The tree after a change; the same tree where both lists are equal. */
function changed(
  tree: Tree,
  removed: readonly TreeEntry[] = [],
  added: readonly TreeEntry[] = [],
): Tree {
  const same =
    removed.length === added.length &&
    removed.every((entry, i) => entryName(entry) === (added[i] && entryName(added[i])));
  return same ? tree : changedTree(tree, removed, added);
}

/** Puts each rule of a fragment in its place. */
function placing(
  trees: Trees,
  family: Family,
  rulesOf: ReadRules,
): (fragment: Fragment) => Fragment {
  const names = new Map<TreeKind, Map<string, string>>();
  const nameAt = (kind: TreeKind, place: string): string => {
    const known = getOrInsert(names, kind, () => new Map<string, string>());
    return getOrInsert(known, place, () => nodeName(kind, place, family));
  };
  const chainOf = ({ table, chain, key }: PlacedRule): string =>
    key === undefined
      ? (rootOfNode(table, chain) ?? chain)
      : nameAt(key.kind, placeOf(trees.get(key.kind), key.key));
  return (fragment) => rewritten(fragment, rulesOf(fragment), chainOf);
}

/** One fragment for each branch; those of the same text as before are the identical values. */
function nodesOf(
  trees: Trees,
  writer: NodeWriter,
  before: readonly Fragment[],
): readonly Fragment[] {
  const known = new Map(before.map((fragment) => [fragment.text, fragment]));
  return [...trees].flatMap(([kind, tree]) =>
    branchesOf(tree).map((branch) => {
      const text = nodeText(kind, branch, writer);
      return known.get(text) ?? { origin: '', text };
    }),
  );
}

/** The text of a branch never changes, and is asked for again with every change of the tree. */
const TEXTS = new WeakMap<Branch, string>();

function nodeText(kind: TreeKind, branch: Branch, { family, template }: NodeWriter): string {
  const known = TEXTS.get(branch);
  if (known !== undefined) return known;
  const { place, children } = branch;
  const text = template({
    table: kind.table,
    chain: nodeName(kind, place, family),
    // What the tree does not hold must come back to the rest of the root.
    lead: place === '' ? '-j' : '-g',
    nodes: children.filter(standsAlone).map((child) => {
      const name = 'prefix' in child ? child.prefix : child.at;
      return { chain: nodeName(kind, name, family), ...matchOf(kind, name, family) };
    }),
  });
  TEXTS.set(branch, text);
  return text;
}
