/** What the entries of a model have together, and in which ports two models differ. */

import type { Diagnostic } from '../diagnostics.js';
import { getOrInsert } from '../grouping.js';
import { commonEnds } from '../shared-ends.js';
import { type EntryPages, pagesChange, pagesOf } from './entries.js';
import type { Model, ServiceEntry, ServicePort } from './types.js';

/** What some entries have together. */
export interface Joined {
  readonly ports: readonly ServicePort[];
  readonly endpointCount: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A page never changes, and is asked about with every change of another one. */
const JOINED = new WeakMap<readonly ServiceEntry[], Joined>();

function joinedPage(page: readonly ServiceEntry[]): Joined {
  return getOrInsert(JOINED, page, joined);
}

function joined(entries: readonly ServiceEntry[]): Joined {
  const ports: ServicePort[] = [];
  const diagnostics: Diagnostic[] = [];
  let endpointCount = 0;
  // Not flatMap, which takes most of the time at ten thousand Services.
  for (const entry of entries) {
    for (const port of entry.ports) ports.push(port);
    endpointCount += entry.endpointCount;
    // Nearly every list is empty, and an iterator for each costs more than the ports do.
    if (entry.diagnostics.length === 0) continue;
    for (const diagnostic of entry.diagnostics) diagnostics.push(diagnostic);
  }
  return { ports, endpointCount, diagnostics };
}

/** The number of endpoints of all entries, and what is to be said about them. */
export function sumOf(pages: EntryPages): Omit<Joined, 'ports'> {
  const diagnostics: Diagnostic[] = [];
  let endpointCount = 0;
  for (const page of pages) {
    const one = joinedPage(page);
    endpointCount += one.endpointCount;
    for (const diagnostic of one.diagnostics) diagnostics.push(diagnostic);
  }
  return { endpointCount, diagnostics };
}

/** The pages that models were built of: a change starts from them. */
const PAGES = new WeakMap<Model, EntryPages>();

/** The pages of a model, also of one that was put together from others. */
export function pagesOfModel(model: Model): EntryPages {
  return PAGES.get(model) ?? pagesOf(model.entries);
}

/** The model of these pages. Its long lists are made when they are first asked for. */
export function pagedModel(rest: Omit<Model, 'entries' | 'ports'>, pages: EntryPages): Model {
  const { context, serviceContext, objects, winners, diagnostics } = rest;
  let ports: readonly ServicePort[] | undefined;
  let entries: readonly ServiceEntry[] | undefined;
  const model: Model = {
    context,
    serviceContext,
    get ports() {
      ports ??= pages.flatMap((page) => joinedPage(page).ports);
      return ports;
    },
    objects,
    get entries() {
      entries ??= pages.flat();
      return entries;
    },
    winners,
    diagnostics,
  };
  PAGES.set(model, pages);
  return model;
}

/** What to take out of a list at an index, and what to put there. */
export interface ListChange<T> {
  readonly start: number;
  readonly old: readonly T[];
  readonly fresh: readonly T[];
}

/** What differs between two lists by identity. */
export function listChange<T>(before: readonly T[], after: readonly T[]): ListChange<T> {
  const { start, end } = commonEnds(before, after);
  return {
    start,
    old: before.slice(start, before.length - end),
    fresh: after.slice(start, after.length - end),
  };
}

/** What differs between the ports of two models; of two that share pages, at the cost of a page. */
export function portsChange(before: Model, after: Model): ListChange<ServicePort> {
  const [old, fresh] = [PAGES.get(before), PAGES.get(after)];
  if (old === undefined || fresh === undefined) return listChange(before.ports, after.ports);
  const change = pagesChange(old, fresh);
  let start = 0;
  for (const page of change.before) start += joinedPage(page).ports.length;
  const ports = listChange(joined(change.old).ports, joined(change.fresh).ports);
  return { start: start + ports.start, old: ports.old, fresh: ports.fresh };
}
