/**
 * A persistent prefix tree with path compression: a lookup by key takes few comparisons, and one
 * entry more or less replaces the nodes of one path. Which nodes there are depends on the entries
 * alone, not on the order in which they were added.
 */

import {
  byKey,
  commonLength,
  commonPrefix,
  entriesWithout,
  type TreeEntry,
} from './tree-entries.js';

/** Entries that stand together. */
export interface Leaf {
  /** All keys below the place that the parent has for this node begin so; `''` for the root. */
  readonly at: string;
  /** The prefix of the node that holds the entries: a single one stands with its parent's. */
  readonly place: string;
  readonly entries: readonly TreeEntry[];
}

export interface Branch {
  readonly at: string;
  /** The longest prefix of all keys. */
  readonly prefix: string;
  /** The prefix that names the node; `''` for the root. */
  readonly place: string;
  readonly children: readonly TreeNode[];
  readonly size: number;
  /** Levels of nodes below. */
  readonly height: number;
}

export type TreeNode = Leaf | Branch;

/** `undefined` for no entries. */
export type Tree = TreeNode | undefined;

/** A node holds no more entries, but of one key, or on the last of {@link MOST_LEVELS}. */
const MOST_TOGETHER = 8;

/**
 * Levels of nodes below the root, at most; the last ones then hold all that is left. nf_tables
 * takes 15 chains below a built-in one.
 */
export const MOST_LEVELS = 6;

export function treeOf(entries: readonly TreeEntry[]): Tree {
  return entries.length === 0 ? undefined : node(entries.toSorted(byKey), '', '', MOST_LEVELS);
}

/** The tree without some entries and with others. */
export function changedTree(
  tree: Tree,
  removed: readonly TreeEntry[],
  added: readonly TreeEntry[],
): Tree {
  const changes = removed.length + added.length;
  if (changes > 0 && (tree === undefined || changes * MOST_TOGETHER > sizeOf(tree)))
    return treeOf([...entriesWithout(entriesOf(tree), removed), ...added]);
  let changed = tree;
  for (const entry of removed) changed = changed && withoutEntry(changed, entry, '');
  for (const entry of added)
    changed = changed === undefined ? treeOf([entry]) : withEntry(changed, entry, '');
  if (changed === tree || changed === undefined) return changed;
  // A tree that was cut at the last level has nodes there that one of fewer entries has not.
  const isCut = heightOf(changed) > MOST_LEVELS || heightOf(tree) >= MOST_LEVELS;
  return isCut ? treeOf(entriesOf(changed)) : changed;
}

function isBranch(one: TreeNode): one is Branch {
  return 'children' in one;
}

/** The prefix that names the node which holds entries of this key; `''` for the root. */
export function placeOf(tree: Tree, key: string): string {
  let one = tree;
  let place = '';
  while (one !== undefined) {
    place = one.place;
    if (!isBranch(one)) return place;
    one = childOf(one, key);
  }
  return place;
}

/** The child that holds entries of this key. */
function childOf({ children, prefix }: Branch, key: string): Tree {
  const place = prefix.length;
  const digit = key.charCodeAt(place);
  // Siblings differ in this digit, and one digit is faster to compare than a text.
  for (const child of children)
    if (child.at.charCodeAt(place) === digit && key.startsWith(child.at)) return child;
  return undefined;
}

/** The leaves of a tree that another one does not have; looks only at nodes that differ. */
export function newLeaves(tree: Tree, before: Tree): readonly Leaf[] {
  const found: Leaf[] = [];
  const visit = (one: TreeNode): void => {
    if (!isBranch(one)) {
      if (leafAt(before, one.entries[0]?.key ?? '') !== one) found.push(one);
    } else if (branchOf(before, one.prefix)?.children !== one.children)
      for (const child of one.children) visit(child);
  };
  if (tree !== undefined) visit(tree);
  return found;
}

/** All branches, parents first. */
export function branchesOf(tree: Tree): readonly Branch[] {
  if (tree === undefined || !isBranch(tree)) return [];
  return [tree, ...tree.children.flatMap(branchesOf)];
}

/** Whether a child of a branch is a node of its own. */
export function standsAlone(child: TreeNode): boolean {
  return isBranch(child) || child.entries.length > 1;
}

function leafAt(tree: Tree, key: string): Leaf | undefined {
  let one = tree;
  while (one !== undefined && isBranch(one)) one = childOf(one, key);
  return one;
}

/** The branch of a prefix; `undefined` where there is none. */
export function branchOf(tree: Tree, prefix: string): Branch | undefined {
  let one = tree;
  while (one !== undefined && isBranch(one) && one.prefix !== prefix) one = childOf(one, prefix);
  return one !== undefined && isBranch(one) ? one : undefined;
}

/** The node of entries in the order of their keys: those that begin alike stand together. */
function node(entries: readonly TreeEntry[], at: string, parent: string, levels: number): TreeNode {
  const prefix = commonPrefix(entries);
  if (entries.length <= MOST_TOGETHER || prefix === entries[0]?.key || levels === 0)
    return leaf(entries, at, parent);
  const place = at === '' ? '' : prefix;
  const children: TreeNode[] = [];
  for (let start = 0, end: number; start < entries.length; start = end) {
    const first = entries[start]?.key ?? '';
    end = start + 1;
    while (entries[end]?.key.charAt(prefix.length) === first.charAt(prefix.length)) end++;
    const group = entries.slice(start, end);
    children.push(node(group, first.slice(0, prefix.length + 1), place, levels - 1));
  }
  return branch(at, prefix, children);
}

function leaf(entries: readonly TreeEntry[], at: string, parent: string): Leaf {
  return { at, place: entries.length > 1 ? at : parent, entries };
}

/** Children that stand with the branch get its place. */
function branch(at: string, prefix: string, children: readonly TreeNode[]): Branch {
  const place = at === '' ? '' : prefix;
  let size = 0;
  let below = 0;
  for (const child of children) {
    size += sizeOf(child);
    below = Math.max(below, heightOf(child) + Number(standsAlone(child)));
  }
  const placed = children.map((child) =>
    standsAlone(child) || child.place === place ? child : { ...child, place },
  );
  placed.sort((a, b) => (a.at < b.at ? -1 : 1));
  return { at, prefix, place, children: placed, size, height: below };
}

function withEntry(one: TreeNode, entry: TreeEntry, parent: string): TreeNode {
  if (!isBranch(one)) return node([...one.entries, entry].sort(byKey), one.at, parent, MOST_LEVELS);
  const { at, prefix, place, children } = one;
  const shared = commonLength(prefix, entry.key);
  const begin = entry.key.slice(0, shared + 1);
  const alone = leaf([entry], begin, place);
  if (shared < prefix.length) {
    const lower = branch(prefix.slice(0, shared + 1), prefix, children);
    return branch(at, prefix.slice(0, shared), [lower, alone]);
  }
  const index = children.findIndex((child) => child.at === begin);
  const child = children[index];
  return branch(
    at,
    prefix,
    child === undefined
      ? [...children, alone]
      : children.with(index, withEntry(child, entry, place)),
  );
}

function withoutEntry(one: TreeNode, entry: TreeEntry, parent: string): Tree {
  if (!isBranch(one)) {
    const left = entriesWithout(one.entries, [entry]);
    if (left.length === one.entries.length) return one;
    return left.length === 0 ? undefined : leaf(left, one.at, parent);
  }
  const { at, prefix, place, children, size } = one;
  const index = children.findIndex((found) => entry.key.startsWith(found.at));
  const child = children[index];
  if (child === undefined) return one;
  const next = withoutEntry(child, entry, place);
  if (next === child) return one;
  const others = next === undefined ? children.toSpliced(index, 1) : children.with(index, next);
  if (size - 1 <= MOST_TOGETHER) return leaf(others.flatMap(entriesOf), at, parent);
  const [only] = others;
  if (others.length > 1 || only === undefined) return branch(at, prefix, others);
  // Of more than one entry: those of one key, or a branch.
  return isBranch(only) ? branch(at, only.prefix, only.children) : leaf(only.entries, at, parent);
}

function entriesOf(tree: Tree): readonly TreeEntry[] {
  const found: TreeEntry[] = [];
  const visit = (one: TreeNode): void => {
    if (isBranch(one)) for (const child of one.children) visit(child);
    else for (const entry of one.entries) found.push(entry);
  };
  if (tree !== undefined) visit(tree);
  return found;
}

function sizeOf(one: TreeNode): number {
  return isBranch(one) ? one.size : one.entries.length;
}

function heightOf(one: Tree): number {
  return one !== undefined && isBranch(one) ? one.height : 0;
}
