/**
 * The entries of a model, sorted by Service, in pages: a change copies one page. A list of 50,000
 * takes milliseconds to copy, as all its memory is new.
 */

import { commonEnds } from '../shared-ends.js';
import { compareText } from './order.js';
import type { NamespacedName, ServiceEntry } from './types.js';

type Page = readonly ServiceEntry[];

/** Sorted pages of sorted entries; none is empty. */
export type EntryPages = readonly Page[];

const PAGE_SIZE = 256;

/** The pages of a sorted list. */
export function pagesOf(entries: readonly ServiceEntry[]): EntryPages {
  const pages: Page[] = [];
  for (let at = 0; at < entries.length; at += PAGE_SIZE)
    pages.push(entries.slice(at, at + PAGE_SIZE));
  return pages;
}

/** The entry of a Service in a sorted list; `undefined` where there is none. */
export function entryOf(
  entries: readonly ServiceEntry[],
  name: NamespacedName,
): ServiceEntry | undefined {
  const found = entries[placeOf(entries, name, nameOf)];
  return found?.name === name ? found : undefined;
}

/** The same in pages. */
export function entryInPages(pages: EntryPages, name: NamespacedName): ServiceEntry | undefined {
  return entryOf(pages[pageOf(pages, name)] ?? [], name);
}

/** The pages in which these Services have these entries, or none any more. */
export function withEntries(
  pages: EntryPages,
  changes: ReadonlyMap<NamespacedName, ServiceEntry | undefined>,
): EntryPages {
  const changed = new Map<number, ServiceEntry[]>();
  for (const [name, entry] of changes) {
    const at = pageOf(pages, name);
    const page = changed.get(at) ?? [...(pages[at] ?? [])];
    changed.set(at, page);
    const place = placeOf(page, name, nameOf);
    const old = page[place]?.name === name ? 1 : 0;
    if (entry === undefined) page.splice(place, old);
    else page.splice(place, old, entry);
  }
  const next: Page[] = [...pages];
  for (const [at, page] of changed) next[at] = page;
  return next
    .flatMap((page) => (page.length <= 2 * PAGE_SIZE ? [page] : pagesOf(page)))
    .filter((page) => page.length > 0);
}

/** What differs between two lists of pages: where it begins, and what stands there. */
export interface PagesChange {
  /** Pages that both have in front of it. */
  readonly before: EntryPages;
  readonly old: readonly ServiceEntry[];
  readonly fresh: readonly ServiceEntry[];
}

export function pagesChange(before: EntryPages, after: EntryPages): PagesChange {
  const { start, end } = commonEnds(before, after);
  return {
    before: before.slice(0, start),
    old: before.slice(start, before.length - end).flat(),
    fresh: after.slice(start, after.length - end).flat(),
  };
}

/** The index of the page that a Service is in, or would be in. */
function pageOf(pages: EntryPages, name: NamespacedName): number {
  return Math.min(Math.max(pages.length - 1, 0), placeOf(pages, name, lastName));
}

function nameOf({ name }: ServiceEntry): string {
  return name;
}

function lastName(page: Page): string {
  return page.at(-1)?.name ?? '';
}

/** The index of the first item whose text does not come before the name. */
function placeOf<T>(
  items: readonly T[],
  name: NamespacedName,
  textOf: (item: T) => string,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && compareText(textOf(item), name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
