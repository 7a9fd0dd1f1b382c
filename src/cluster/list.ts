/** Lists a whole collection in pages, with one page in memory besides what the caller keeps. */

import { ClusterError } from '../errors.js';
import { isArray, isObject } from '../input/value.js';
import { type Api, isNamed, type RawObject } from './api.js';
import type { Resource } from './resources.js';

/** Objects per page, as in client-go and kubectl. */
const PAGE_SIZE = 500;
/**
 * Page size of each attempt; without a limit there is one response, which cannot expire half-way.
 */
const ATTEMPTS = [PAGE_SIZE, PAGE_SIZE, undefined] as const;

/** A collection at one resourceVersion. */
export interface ObjectList<T> {
  readonly items: readonly T[];
  /** Where a watch starts. */
  readonly resourceVersion: string;
}

export interface ListOptions<T> {
  readonly api: Api;
  readonly resource: Resource;
  readonly signal: AbortSignal;
  /**
   * Converts one object to what is kept; called as soon as its page is parsed, with `apiVersion`
   * and `kind` set.
   */
  readonly accept: (raw: RawObject) => T;
  readonly onNotice: (text: string) => void;
}

/**
 * Every object of the collection. If a continue token has expired (410), the list starts over,
 * because the server would go on at another resourceVersion; the third attempt asks for everything
 * at once. Any other failure rejects.
 */
export async function listAll<T>(options: ListOptions<T>): Promise<ObjectList<T>> {
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
): Promise<ObjectList<T> | undefined> {
  const items: T[] = [];
  let resourceVersion: string | undefined;
  let token: string | undefined;
  do {
    const page = await readPage(options, limit, token);
    if (page === undefined) return undefined;
    // All pages have the same one. If a later one were newer, a watch from the first would only
    // repeat events.
    resourceVersion ??= page.resourceVersion;
    for (const raw of page.items) {
      const object = objectOf(raw, options);
      if (object !== undefined) items.push(options.accept(object));
    }
    if (token !== undefined && page.token === token)
      throw malformed(options.resource, 'the server sends the same page again');
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

/** The fields of a list that are used. `items` of an empty list may be null. */
function pageOf(body: unknown, resource: Resource): Page {
  const metadata = isObject(body) ? body.metadata : undefined;
  if (!isObject(body) || !isObject(metadata))
    throw malformed(resource, 'the response is not a list');
  const { resourceVersion, continue: token } = metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    throw malformed(resource, 'the list has no resourceVersion');
  const items = body.items ?? [];
  if (!isArray(items)) throw malformed(resource, 'items is not a list');
  return {
    items,
    resourceVersion,
    token: typeof token === 'string' && token !== '' ? token : undefined,
  };
}

/**
 * An item with apiVersion and kind, which lists leave out; `undefined` if it is not an object with
 * a name.
 */
function objectOf(
  raw: unknown,
  { resource, onNotice }: ListOptions<unknown>,
): RawObject | undefined {
  if (isObject(raw) && isNamed(raw))
    return { apiVersion: resource.apiVersion, kind: resource.kind, ...raw };
  onNotice('an item of the list is not an object, or has no name: left out');
  return undefined;
}

function malformed(resource: Resource, what: string): ClusterError {
  return new ClusterError(`${resource.kind}: ${what}`, { reason: 'Malformed' });
}
