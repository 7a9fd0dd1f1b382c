/**
 * Reads a whole collection, page by page, so that memory holds one page and what the caller keeps.
 */

import { ClusterError } from '../errors.js';
import { isArray, isObject } from '../input/value.js';
import type { Api, RawObject } from './api.js';
import { isNamed } from './raw-object.js';
import type { Resource } from './resources.js';

/** Objects of one page, kube-proxy's and kubectl's number. */
const PAGE_SIZE = 500;
/** Sizes of the pages of each attempt; no limit means one answer, which cannot expire half-way. */
const ATTEMPTS = [PAGE_SIZE, PAGE_SIZE, undefined] as const;

/** A whole collection at one moment. */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Where a watch goes on. */
  readonly resourceVersion: string;
}

export interface ListOptions<T> {
  readonly api: Api;
  readonly resource: Resource;
  readonly signal: AbortSignal;
  /**
   * Keeps of one object what is needed; called as soon as its page is parsed, `apiVersion` and
   * `kind` filled in.
   */
  readonly accept: (raw: RawObject) => T;
  readonly onNotice: (text: string) => void;
}

/**
 * Every object of the collection. A page whose token has expired (410) makes the list start over,
 * because the rest that the server offers is of another moment; the third start asks for everything
 * at once. Every other failure rejects.
 */
export async function listAll<T>(options: ListOptions<T>): Promise<Listing<T>> {
  for (const limit of ATTEMPTS) {
    const listing = await listPages(options, limit);
    if (listing !== undefined) return listing;
    options.onNotice('the list took too long and starts over');
  }
  throw new ClusterError(`${options.resource.kind}: no list was finished in time`, {
    status: 410,
    reason: 'Expired',
  });
}

/** The collection, or `undefined` if it expired between two pages. */
async function listPages<T>(
  options: ListOptions<T>,
  limit: number | undefined,
): Promise<Listing<T> | undefined> {
  const items: T[] = [];
  let resourceVersion: string | undefined;
  let token: string | undefined;
  do {
    const page = await readPage(options, limit, token);
    if (page === undefined) return undefined;
    // Later pages have the same; were one newer, going on from the first would only tell something
    // twice.
    resourceVersion ??= page.resourceVersion;
    for (const raw of page.items) {
      const object = objectOf(raw, options);
      if (object !== undefined) items.push(options.accept(object));
    }
    if (token !== undefined && page.token === token)
      throw malformed(options.resource, 'the same page comes for ever');
    token = page.token;
  } while (token !== undefined);
  return { items, resourceVersion };
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly token: string | undefined;
}

async function readPage(
  { api, resource, signal }: ListOptions<unknown>,
  limit: number | undefined,
  token: string | undefined,
): Promise<Page | undefined> {
  const query = {
    ...resource.query,
    limit: limit === undefined ? undefined : String(limit),
    continue: token,
  };
  try {
    return pageOf(await api.get(resource.path, query, signal), resource);
  } catch (error) {
    if (token !== undefined && error instanceof ClusterError && error.status === 410)
      return undefined;
    throw error;
  }
}

/** A list's fields that matter. A list of nothing may hold `null` for its items. */
function pageOf(body: unknown, resource: Resource): Page {
  const metadata = isObject(body) ? body.metadata : undefined;
  if (!isObject(body) || !isObject(metadata))
    throw malformed(resource, 'the answer is no list of objects');
  const { resourceVersion, continue: token } = metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    throw malformed(resource, 'the list has no resourceVersion');
  const items = body.items ?? [];
  if (!isArray(items)) throw malformed(resource, 'the items of the list are no list');
  return {
    items,
    resourceVersion,
    token: typeof token === 'string' && token !== '' ? token : undefined,
  };
}

/** The object with what items of a list inherit from it, or `undefined` for what is none. */
function objectOf(
  raw: unknown,
  { resource, onNotice }: ListOptions<unknown>,
): RawObject | undefined {
  if (isObject(raw) && isNamed(raw))
    return { apiVersion: resource.apiVersion, kind: resource.kind, ...raw };
  onNotice('an item of the list is no object, or has no name, and is left out');
  return undefined;
}

function malformed(resource: Resource, what: string): ClusterError {
  return new ClusterError(`${resource.kind}: ${what}`, { reason: 'Malformed' });
}
