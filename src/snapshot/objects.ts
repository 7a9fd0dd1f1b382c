/** Finds the objects in documents: opens Lists, reads kinds, keeps the place of each object. */

import { foreignValueHint } from '../input/foreign-text.js';
import { isArray, isObject, plainWord, quote } from '../input/value.js';
import { nearestName } from '../nearest-name.js';
import { API_VERSIONS, KIND_NAMES, type Kind } from './shapes.js';
import type { NamespacedName } from './types.js';

/** Where an object is: a document of a source, and the path to it inside nested Lists. */
export interface Origin {
  readonly source: number;
  readonly syntax: 'yaml' | 'json';
  readonly start: number;
  readonly end: number;
  readonly path: readonly (string | number)[];
}

/** The key of an object among those of an input. */
export function originKey(ref: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** The namespace in the name of an object. */
export function namespaceOf(name: NamespacedName): string {
  return name.slice(0, name.indexOf('/'));
}

/** One thing found in a document. */
export type Found =
  | { readonly is: 'object'; readonly kind: Kind; readonly raw: unknown }
  | { readonly is: 'other'; readonly type: string; readonly raw: unknown }
  | {
      readonly is: 'problem';
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      /** The kind that was probably meant, where there is one. */
      readonly meant?: Kind;
      readonly raw: unknown;
    };

/** One thing found, and where. */
export type Located = readonly [found: Found, origin: Origin];

/** kubectl does not nest Lists; what is nested deeper than this is left out. */
const MAX_LIST_DEPTH = 16;

/** apiVersion and kind of the items of a typed list, which the API server leaves out of them. */
interface Inherited {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Each object of a document, in the order of the text. A List that aliases repeat, or put into
 * itself, is opened once.
 */
export function findObjects(value: unknown, origin: Origin): Generator<Located> {
  return openValue(value, origin, NOT_INHERITED, {
    lists: new Set(),
    entries: (items) => items.entries(),
  });
}

/**
 * The same, of a value of JSON that nobody else reads: each item is taken out of its List, so that
 * its memory is free once it was used.
 */
export function takeObjects(value: unknown, origin: Origin): Generator<Located> {
  return openValue(value, origin, NOT_INHERITED, { lists: new Set(), entries: taken });
}

const NOT_INHERITED: Inherited = { apiVersion: '', kind: '' };

/** How the Lists of a document are opened. */
interface Opening {
  /** Those that were. */
  readonly lists: Set<unknown>;
  readonly entries: (items: unknown[]) => Iterable<readonly [index: number, item: unknown]>;
}

function* taken(items: unknown[]): Generator<readonly [index: number, item: unknown]> {
  for (const [i, item] of items.entries()) {
    items[i] = undefined;
    yield [i, item];
  }
}

function* openValue(
  value: unknown,
  origin: Origin,
  inherited: Inherited,
  opening: Opening,
): Generator<Located> {
  if (!isObject(value)) {
    const message = `Value left out: ${quote(value)} is not a Kubernetes object`;
    yield [foreign(message, value), origin];
    return;
  }
  const apiVersion = ownText(value, 'apiVersion') || inherited.apiVersion;
  const kind = ownText(value, 'kind') || inherited.kind;
  if (apiVersion === '' || kind === '') {
    const lacks = kind === '' ? 'kind' : 'apiVersion';
    const message = `Object without ${lacks} left out: ${quote(value)}`;
    yield [foreign(message, value), origin];
    return;
  }
  const items = itemsOf(value);
  if (!kind.endsWith('List') || !Array.isArray(items)) {
    yield [misspeltList(value, kind, items) ?? identify(value, apiVersion, kind), origin];
    return;
  }
  if (opening.lists.has(value) || origin.path.length > 2 * MAX_LIST_DEPTH) {
    const message = `${plainWord(kind)} left out: it is nested too deep, or stands in several places`;
    yield [{ is: 'problem', code: 'nested-list', message, raw: undefined }, origin];
    return;
  }
  opening.lists.add(value);
  const own =
    kind === 'List' ? { apiVersion: '', kind: '' } : { apiVersion, kind: kind.slice(0, -4) };
  for (const [i, item] of opening.entries(items))
    yield* openValue(item, { ...origin, path: [...origin.path, 'items', i] }, own, opening);
}

/** What is no object, with a hint where it is something that other flags take. */
function foreign(message: string, raw: unknown): Found {
  const hint = foreignValueHint(raw);
  return { is: 'problem', code: 'not-an-object', message, raw, ...(hint && { hint }) };
}

/** What stands in place of the items of a List: nothing where null does, as in Go. */
function itemsOf(value: Readonly<Record<string, unknown>>): unknown {
  return Object.hasOwn(value, 'items') ? (value.items ?? []) : undefined;
}

const LISTS = ['List', ...KIND_NAMES.map((kind) => `${kind}List`)];
const EMPTY_LIST = ['apiVersion', 'kind', 'metadata', 'items'];

/** A List that could not be opened, because its kind or its items are misspelt. */
function misspeltList(
  value: Readonly<Record<string, unknown>>,
  kind: string,
  items: unknown,
): Found | undefined {
  if (LISTS.includes(kind)) {
    const isEmpty = items === undefined && Object.keys(value).every((k) => EMPTY_LIST.includes(k));
    if (isEmpty) return undefined;
    const wrong = items === undefined ? 'it has no items' : 'its items are no list';
    return listProblem(`${kind} left out: ${wrong}`, value);
  }
  if (!isArray(items)) return undefined;
  const meant = nearestName(kind, LISTS) ?? (items.some(isOfKnownKind) ? 'List' : undefined);
  if (meant === undefined) return undefined;
  const problem = listProblem(`${plainWord(kind)} left out: a List has items`, value);
  return { ...problem, hint: `did you mean ${meant}?` };
}

function listProblem(message: string, raw: unknown): Extract<Found, { readonly is: 'problem' }> {
  return { is: 'problem', code: 'not-an-object', message, raw };
}

function isOfKnownKind(item: unknown): boolean {
  return isObject(item) && KIND_NAMES.some((kind) => kind === ownText(item, 'kind'));
}

/** Every apiVersion and kind that is read; ServiceCIDR was the same when it was beta. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...KIND_NAMES.map((kind) => [`${API_VERSIONS[kind]} ${kind}`, kind] as const),
  ['networking.k8s.io/v1beta1 ServiceCIDR', 'ServiceCIDR'],
]);

/** What kubectl takes in place of a kind, and a manifest does not. */
const SHORT_NAMES: Readonly<Record<string, Kind | undefined>> = {
  svc: 'Service',
  svcs: 'Service',
  ep: 'Endpoints',
  eps: 'EndpointSlice',
  po: 'Pod',
};

function identify(raw: unknown, apiVersion: string, name: string): Found {
  const type = `${plainWord(apiVersion)} ${plainWord(name)}`;
  const kind = KINDS.get(type);
  if (kind !== undefined) return { is: 'object', kind, raw };
  const guess = SHORT_NAMES[name.toLowerCase()] ?? nearestName(name, KIND_NAMES);
  const meant = KIND_NAMES.find((known) => known === name || known === guess);
  const wanted = meant === undefined ? '' : API_VERSIONS[meant];
  // Knative and others have kinds of the same name in groups of their own: those are no mistakes.
  const inGroup = group(wanted) === group(apiVersion);
  const wrongGroup = meant === name && isKubernetesGroup(group(apiVersion));
  if (meant === undefined || !(inGroup || wrongGroup)) return { is: 'other', type, raw };
  return {
    is: 'problem',
    code: 'unknown-version',
    meant,
    raw,
    message: `${type} left out: only ${wanted} ${meant} is read`,
    hint:
      meant === name
        ? `use ${wanted}, which every supported API server serves`
        : `did you mean ${meant}?`,
  };
}

function group(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/**
 * Whether only Kubernetes itself can have kinds in this group: a group of custom resources has a
 * dot, and `*.k8s.io` needs an approval. No other of its groups has a kind of a name that is read.
 */
function isKubernetesGroup(name: string): boolean {
  return !name.includes('.') || name.endsWith('.k8s.io');
}

function ownText(value: Readonly<Record<string, unknown>>, key: string): string {
  const text = Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof text === 'string' ? text : '';
}
