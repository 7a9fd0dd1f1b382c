/** What a request is for, read from its method and path. */

import { RESOURCES, type Resource } from './resources.js';
import type { Verb } from './types.js';

export interface Route {
  readonly path: string;
  readonly query: URLSearchParams;
  /** `undefined`: not a resource; `unknown`: a group that is there, without this resource. */
  readonly resource: Resource | 'unknown' | undefined;
  readonly namespace: string;
  /** `''` for all of them. */
  readonly name: string;
  readonly verb: Verb;
}

/**
 * `/api/v1/…` or `/apis/GROUP/VERSION/…`, then maybe a namespace, the resource, and maybe a name.
 */
const PATH =
  /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/;

/** Events are posted to the core group too. */
function resourceAt(group: string, version: string, name: string): Route['resource'] {
  const here = RESOURCES.filter((one) => one.group === group && one.version === version);
  const found = here.find((one) => one.name === name);
  if (found !== undefined) return found;
  if (group === '' && name === 'events') return RESOURCES.find((one) => one.name === 'events');
  return here.length > 0 ? 'unknown' : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function verbOf(method: string, query: URLSearchParams, name: string): Verb {
  if (method === 'POST' || method === 'PATCH') return 'create';
  if (/^(?:1|true)$/.test(query.get('watch') ?? '')) return 'watch';
  return name === '' ? 'list' : 'get';
}

export function routeOf(method: string, url: string): Route {
  const [path = '', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const match = PATH.exec(path);
  if (match === null)
    return { path, query, resource: undefined, namespace: '', name: '', verb: 'other' };
  const [, group = '', version = '', namespace = '', plural = '', name = ''] = match;
  const resource = resourceAt(group, version, plural);
  const verb = typeof resource === 'object' ? verbOf(method, query, name) : 'other';
  return { path, query, resource, namespace: decoded(namespace), name: decoded(name), verb };
}

/** The resource in a log: its name, or `''`. */
export function resourceName({ resource }: Route): string {
  return typeof resource === 'object' ? resource.name : '';
}
