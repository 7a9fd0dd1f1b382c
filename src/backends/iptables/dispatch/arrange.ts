/**
 * Arranges the rules of all Services in chains of every node as prefix trees, so that a new
 * connection meets few of them. Each rule stays as it is, but for the chain that it stands in.
 */

import { addTo } from '../../../grouping.js';
import type { Family } from '../../../net/ip.js';
import type { Fragment } from '../../../ruleset/types.js';
import { commonEnds } from '../../../shared-ends.js';
import { flat } from '../../compile.js';
import type { Arranged } from '../../layout.js';
import type { Template } from '../../templates.js';
import { rulesForAll } from '../syntax/dispatch-rules.js';
import { keyOfRule, matchOf, nodeName, rootOfNode, TREE_KINDS, type TreeKind } from './kinds.js';
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
  readonly template: Template;
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
  const [oldEntries, newEntries] = [entriesOf(removed), entriesOf(added)];
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
  return { ports: withMoved(ports, moved, trees, writer.family, before.ports), shared };
}

/** Where each origin stands in a list of ports, if each stands there once. */
type Places = ReadonlyMap<string, number>;

/** A change rarely moves a port to another place in the list. */
const PLACES = new WeakMap<readonly Fragment[], Places>();

/** The ports, those of these origins with each rule in its place. */
function withMoved(
  ports: readonly Fragment[],
  moved: ReadonlySet<string>,
  trees: Trees,
  family: Family,
  before: readonly Fragment[],
): readonly Fragment[] {
  const places = PLACES.get(before);
  const isThere = (origin: string): boolean => ports[places?.get(origin) ?? -1]?.origin === origin;
  if (places?.size !== ports.length || ![...moved].every(isThere)) {
    const all = ports.map((one) => (moved.has(one.origin) ? placed(one, trees, family) : one));
    PLACES.set(all, new Map(all.map(({ origin }, i) => [origin, i])));
    return all;
  }
  const next = [...ports];
  for (const origin of moved) {
    const at = places.get(origin) ?? -1;
    const fragment = ports[at];
    if (fragment !== undefined) next[at] = placed(fragment, trees, family);
  }
  PLACES.set(next, places);
  return next;
}

/** A port with each rule in the root of its tree, as layouts without trees have it. */
export function flattened(fragment: Fragment): Fragment {
  return rewritten(fragment, (table, chain) => rootOfNode(table, chain) ?? chain);
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
function entriesOf(fragments: readonly Fragment[]): ReadonlyMap<TreeKind, readonly TreeEntry[]> {
  const found = new Map<TreeKind, TreeEntry[]>();
  for (const fragment of fragments)
    for (const { table, chain, line } of rulesForAll(fragment.text)) {
      const rule = keyOfRule(table, chain, line);
      if (rule === undefined) continue;
      const entry = { key: rule.key, origin: fragment.origin };
      addTo(found, rule.kind, entry);
    }
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

/** A fragment with each of its rules in its place. */
function placed(fragment: Fragment, trees: Trees, family: Family): Fragment {
  return rewritten(fragment, (table, chain, line) => {
    const rule = keyOfRule(table, chain, line);
    if (rule === undefined) return rootOfNode(table, chain) ?? chain;
    return nodeName(rule.kind, placeOf(trees.get(rule.kind), rule.key), family);
  });
}

/** A fragment with each of its rules in the chain that is asked for; itself where nothing moves. */
function rewritten(
  fragment: Fragment,
  chainOf: (table: string, chain: string, line: string) => string,
): Fragment {
  const { text } = fragment;
  let result = '';
  let done = 0;
  for (const { table, chain, line, at } of rulesForAll(text)) {
    const wanted = chainOf(table, chain, line);
    if (wanted === chain) continue;
    result += text.slice(done, at) + wanted;
    done = at + chain.length;
  }
  return done === 0 ? fragment : { ...fragment, text: flat(result + text.slice(done)) };
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
