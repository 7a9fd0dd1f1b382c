/**
 * Arranges the rules of all Services in chains of every node as prefix trees, so that a new
 * connection meets few of them. Each rule stays as it is, but for the chain that it stands in.
 */

import { addTo, getOrInsert } from '../../../grouping.js';
import type { ListChange } from '../../../model/ports.js';
import type { Family } from '../../../net/ip.js';
import type { Fragment } from '../../../ruleset/types.js';
import { spliced } from '../../../shared-ends.js';
import type { Arranged } from '../../layout.js';
import {
  matchOf,
  type NodeMatch,
  nodeName,
  type RuleKey,
  TREE_KINDS,
  type TreeKind,
} from './kinds.js';
import {
  type Branch,
  branchesOf,
  branchOf,
  changedTree,
  newLeaves,
  placeOf,
  standsAlone,
  type Tree,
} from './prefix-tree.js';
import { entryName, type TreeEntry } from './tree-entries.js';

type Trees = ReadonlyMap<TreeKind, Tree>;

/** The trees that lists of fragments of nodes were made from: a change starts from them. */
const TREES = new WeakMap<readonly Fragment[], Trees>();

/** How nodes are written: the template of one branch with the chains below it. */
export interface NodeWriter {
  readonly family: Family;
  readonly template: (branch: BranchView) => string;
}

/** The chain at a key of a tree. */
export type ChainAt = (key: RuleKey) => string;

/** What the rules of one Service port are made of. */
export type Item = Pick<Fragment, 'origin'>;

/** How rules of Services come into the trees. */
export interface Placing<T extends Item> {
  /** The keys of its rules in trees. */
  readonly keysOf: (item: T) => readonly RuleKey[];
  /** The fragment with each rule in its place. */
  readonly placed: (item: T, chainAt: ChainAt) => Fragment;
}

/** All items, and what differs from those that an earlier result was made of. */
export interface Items<T extends Item> {
  readonly all: () => readonly T[];
  readonly changeFrom: (before: Arranged) => ListChange<T>;
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
 * result in the same family; of items that stay, only those are placed again whose rules come to
 * stand elsewhere.
 */
export function arranged<T extends Item>(
  items: Items<T>,
  placing: Placing<T>,
  writer: NodeWriter,
  before: Arranged,
): Arranged {
  const trees = TREES.get(before.shared);
  if (trees === undefined) {
    const change = { start: 0, old: [], fresh: items.all() };
    return rearranged(items, change, placing, writer, { ports: [], shared: [], trees });
  }
  const change = items.changeFrom(before);
  return change.old.length + change.fresh.length === 0
    ? before
    : rearranged(items, change, placing, writer, { ...before, trees });
}

function rearranged<T extends Item>(
  items: Items<T>,
  { start, old, fresh }: ListChange<T>,
  placing: Placing<T>,
  writer: NodeWriter,
  before: Arranged & { readonly trees: Trees | undefined },
): Arranged {
  const known = new Map(old.map((item, i) => [item, before.ports[start + i]]));
  const trees = changedTrees(
    before.trees,
    entriesOf(without(old, fresh), placing),
    entriesOf(without(fresh, old), placing),
  );
  const nameOf = nodeNames(writer.family);
  const chainAt: ChainAt = ({ kind, key }) => nameOf(kind, placeOf(trees.get(kind), key));
  const place = (item: T): Fragment => placing.placed(item, chainAt);
  const moved = before.trees === undefined ? NONE : movedOrigins(trees, before.trees);
  const keep = (item: T): Fragment | undefined =>
    moved.has(item.origin) ? undefined : known.get(item);
  const next = fresh.map((item) => (known.size === 0 ? undefined : keep(item)) ?? place(item));
  const ports = spliced(before.ports, start, old.length, next);
  const isNew = (i: number): boolean => i >= start && i < start + next.length;
  const all = moved.size === 0 ? [] : items.all();
  for (const [i, item] of all.entries())
    if (!isNew(i) && moved.has(ports[i]?.origin ?? '')) ports[i] = place(item);
  const shared =
    trees === before.trees ? before.shared : nodesOf(trees, { ...writer, nameOf }, before.trees);
  TREES.set(shared, trees);
  return { ports, shared };
}

/** Sets of objects are slow to fill, and most often one of the lists is empty. */
function without<T extends Item>(items: readonly T[], others: readonly T[]): readonly T[] {
  if (items.length === 0 || others.length === 0) return items;
  const left = new Set(others);
  return items.filter((item) => !left.has(item));
}

const NONE: ReadonlySet<string> = new Set();

/** The origins of entries that stand in another leaf than before. */
function movedOrigins(trees: Trees, old: Trees): ReadonlySet<string> {
  const moved = new Set<string>();
  if (trees === old) return moved;
  for (const [kind, tree] of trees)
    for (const leaf of newLeaves(tree, old.get(kind)))
      for (const { origin } of leaf.entries) moved.add(origin);
  return moved;
}

/** The entries of items, by tree. */
function entriesOf<T extends Item>(
  items: readonly T[],
  { keysOf }: Placing<T>,
): ReadonlyMap<TreeKind, readonly TreeEntry[]> {
  const found = new Map<TreeKind, TreeEntry[]>();
  for (const item of items) {
    const { origin } = item;
    for (const { kind, key } of keysOf(item)) addTo(found, kind, { key, origin });
  }
  return found;
}

/** The trees after a change; the same ones where none differs. */
function changedTrees(
  old: Trees | undefined,
  removed: ReadonlyMap<TreeKind, readonly TreeEntry[]>,
  added: ReadonlyMap<TreeKind, readonly TreeEntry[]>,
): Trees {
  const trees = TREE_KINDS.map((kind) => {
    const tree = old?.get(kind);
    return [kind, changed(tree, removed.get(kind), added.get(kind))] as const;
  });
  return old !== undefined && trees.every(([kind, tree]) => tree === old.get(kind))
    ? old
    : new Map(trees);
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

/** What writes nodes, with their names. */
interface NamedWriter extends NodeWriter {
  readonly nameOf: NameOf;
}

type NameOf = (kind: TreeKind, prefix: string) => string;

/** The names of nodes, each made once: some eight rules stand in a node. */
function nodeNames(family: Family): NameOf {
  const known = new Map<TreeKind, Map<string, string>>();
  return (kind, prefix) => {
    const names = getOrInsert(known, kind, () => new Map<string, string>());
    return getOrInsert(names, prefix, () => nodeName(kind, prefix, family));
  };
}

/** One fragment for each branch; those of the same text as before are the identical values. */
function nodesOf(trees: Trees, writer: NamedWriter, old: Trees | undefined): readonly Fragment[] {
  return [...trees].flatMap(([kind, tree]) => {
    const before = old?.get(kind);
    return branchesOf(tree).map((branch) => nodeFragment(kind, branch, writer, before));
  });
}

/** The fragment of a branch never changes, and is asked for again with every change of its tree. */
const FRAGMENTS = new WeakMap<Branch, Fragment>();

function nodeFragment(kind: TreeKind, branch: Branch, writer: NamedWriter, before: Tree): Fragment {
  const made = FRAGMENTS.get(branch);
  if (made !== undefined) return made;
  const text = nodeText(kind, branch, writer);
  const old = branchOf(before, branch.prefix);
  const known = old && FRAGMENTS.get(old);
  const fragment = known?.text === text ? known : { origin: '', text };
  FRAGMENTS.set(branch, fragment);
  return fragment;
}

function nodeText(
  kind: TreeKind,
  { place, children }: Branch,
  { family, template, nameOf }: NamedWriter,
): string {
  return template({
    table: kind.table,
    chain: nameOf(kind, place),
    // What the tree does not hold must come back to the rest of the root.
    lead: place === '' ? '-j' : '-g',
    nodes: children.filter(standsAlone).map((child) => {
      const name = 'prefix' in child ? child.prefix : child.at;
      const { network, proto, ports } = matchOf(kind, name, family);
      return { chain: nameOf(kind, name), network, proto, ports };
    }),
  });
}
