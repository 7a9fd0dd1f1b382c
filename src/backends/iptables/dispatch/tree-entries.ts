/** What prefix trees hold, and how it is compared. */

import { compareText } from '../../../model/order.js';

/** What a tree holds; all keys of a tree are of the same length. */
export interface TreeEntry {
  readonly key: string;
  /** Whose it is; with the key, its identity. */
  readonly origin: string;
}

/** What an entry is known by. */
export function entryName({ key, origin }: TreeEntry): string {
  return `${key} ${origin}`;
}

/** The order in which entries that begin alike stand together. */
export const byKey = (a: TreeEntry, b: TreeEntry): number =>
  compareText(a.key, b.key) || compareText(a.origin, b.origin);

/** `entries` without those of `removed`, as multisets. */
export function entriesWithout(
  entries: readonly TreeEntry[],
  removed: readonly TreeEntry[],
): readonly TreeEntry[] {
  const left = new Map<string, number>();
  for (const name of removed.map(entryName)) left.set(name, (left.get(name) ?? 0) + 1);
  return entries.filter((entry) => {
    const count = left.get(entryName(entry)) ?? 0;
    if (count > 0) left.set(entryName(entry), count - 1);
    return count === 0;
  });
}

/** What all keys begin with, of entries in the order of {@link byKey}. */
export function commonPrefix(entries: readonly TreeEntry[]): string {
  const first = entries[0]?.key ?? '';
  return first.slice(0, commonLength(first, entries.at(-1)?.key ?? ''));
}

/** How many characters two keys have in common at the start. */
export function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
