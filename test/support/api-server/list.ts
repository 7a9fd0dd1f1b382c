/** LIST: which objects at which resourceVersion, in pages. */

import { apiVersion, type Resource } from './resources.js';
import type { Route } from './route.js';
import { fieldSelector, labelSelector, type Selects } from './selectors.js';
import {
  ApiError,
  badRequest,
  goJson,
  invalidOption,
  LIST_TOO_OLD,
  tokenExpired,
  tooLarge,
} from './status.js';
import { itemText, keyOf, type Store } from './store.js';
import type { ApiObject } from './types.js';

/** Where a list goes on. */
interface Token {
  /** -1: wherever the store is now. */
  readonly version: number;
  /** The first key that is still to come, or one before it. */
  readonly start: string;
}

export interface ListRequest {
  readonly resource: Resource;
  readonly query: URLSearchParams;
  readonly selects: Selects;
  /** Whether there is a selector, with which a server does not count what remains. */
  readonly selected: boolean;
}

/** The objects that a route is for: its namespace and its selectors. Throws 400. */
export function selection(
  route: Route,
  resource: Resource,
): Pick<ListRequest, 'selects' | 'selected'> {
  const labels = route.query.get('labelSelector') ?? '';
  const fields = route.query.get('fieldSelector') ?? '';
  const [byLabel, byField] = [labelSelector(labels), fieldSelector(fields, resource)];
  const inNamespace: Selects = ({ metadata }) =>
    route.namespace === '' || metadata.namespace === route.namespace;
  return {
    selects: (object) => inNamespace(object) && byLabel(object) && byField(object),
    selected: labels !== '' || fields !== '',
  };
}

/**
 * The number in `resourceVersion`; `undefined` if it is not given, and a thrown 400 if it is none.
 */
export function versionOf(query: URLSearchParams): number | undefined {
  const text = query.get('resourceVersion') ?? '';
  if (text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`invalid resource version: ${notANumber(text)}`);
}

export function notANumber(text: string): string {
  const shown = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`;
}

function encodeToken({ version, start }: Token): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start });
  return Buffer.from(json).toString('base64url');
}

function decodeToken(text: string): Token {
  const bytes = Buffer.from(text, 'base64url').toString();
  let token: unknown;
  try {
    token = JSON.parse(bytes);
  } catch {
    throw badRequest(`invalid continue token: continue key is not valid: ${goSyntaxError(bytes)}`);
  }
  const { v, rv, start } = Object(token);
  if (v !== 'meta.k8s.io/v1' || typeof rv !== 'number' || rv === 0 || typeof start !== 'string')
    throw badRequest(
      'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  return { version: rv, start: start.startsWith('/') ? start : `/${start}` };
}

/** What Go's JSON decoder says of the first byte that cannot be. */
function goSyntaxError(text: string): string {
  const literal = ['null', 'true', 'false'].find((word) => word[0] === text[0]);
  if (literal === undefined)
    return `invalid character '${text[0] ?? ''}' looking for beginning of value`;
  const at = [...literal].findIndex((character, i) => character !== text[i]);
  return `invalid character '${text[at] ?? ''}' in literal ${literal} (expecting '${literal[at] ?? ''}')`;
}

/** A failure if the store has not reached a resourceVersion; the caller waits before it says so. */
export function futureVersion(query: URLSearchParams, store: Store): ApiError | undefined {
  const wanted = versionOf(query);
  return wanted !== undefined && wanted > store.version && query.get('continue') === null
    ? new ApiError(tooLarge(wanted, store.version))
    : undefined;
}

function checkOptions(query: URLSearchParams): void {
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && (query.get('resourceVersion') ?? '') === '')
    throw invalidOption(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
}

/** The resourceVersion that the list is of, and where it begins. */
function startOf(query: URLSearchParams, store: Store): Token {
  const text = query.get('continue') ?? '';
  if (text !== '') {
    const token = decodeToken(text);
    if (!['', '0'].includes(query.get('resourceVersion') ?? ''))
      throw badRequest('specifying resource version is not allowed when using continue');
    if (token.version > store.version) throw new ApiError(tooLarge(token.version, store.version));
    if (token.version === -1 || token.version >= store.oldest) return token;
    throw expired(token.start);
  }
  const exact = query.get('resourceVersionMatch') === 'Exact';
  const wanted = versionOf(query);
  if (exact && wanted !== undefined && wanted < store.oldest) throw new ApiError(LIST_TOO_OLD);
  return { version: exact ? (wanted ?? -1) : -1, start: '' };
}

function expired(start: string): ApiError {
  return new ApiError(tokenExpired(encodeToken({ version: -1, start: start.replace(/^\//, '') })));
}

/** The answer to a token that is made to look expired. */
export function expiredToken(query: URLSearchParams): ApiError {
  return expired(decodeToken(query.get('continue') ?? '').start);
}

/**
 * The body of the list, in the order of fields and with the newline of a real one. Throws what
 * makes it another answer.
 */
export function listBody(
  request: ListRequest,
  store: Store,
  extra: readonly string[] = [],
): string {
  const { query, resource } = request;
  checkOptions(query);
  const { version, start } = startOf(query, store);
  const at = version === -1 ? store.version : version;
  const rest = store
    .at(resource, at)
    .filter((object) => keyOf(object) >= start && request.selects(object));
  const page = rest.slice(0, limitOf(query));
  const head = goJson({
    kind: `${resource.kind}List`,
    apiVersion: apiVersion(resource),
    metadata: {
      resourceVersion: String(at),
      ...remainder(page, rest.length, at, request.selected),
    },
  });
  const items = [...page.map(itemText), ...extra].join(',');
  return `${head.slice(0, -1)},"items":[${items}]}\n`;
}

/** `limit`, which a list from the watch cache (`resourceVersion=0`) ignores. */
function limitOf(query: URLSearchParams): number | undefined {
  const limit = Number(query.get('limit') ?? 0);
  return limit > 0 && query.get('resourceVersion') !== '0' ? limit : undefined;
}

function remainder(
  page: readonly ApiObject[],
  total: number,
  version: number,
  selected: boolean,
): { readonly continue?: string; readonly remainingItemCount?: number } {
  const last = page.at(-1);
  if (last === undefined || page.length === total) return {};
  const token = encodeToken({ version, start: `${keyOf(last)}\0` });
  return selected
    ? { continue: token }
    : { continue: token, remainingItemCount: total - page.length };
}
