/**
 * The objects, one resourceVersion for all, and the history of changes: etcd and the watch cache of
 * an API server.
 */

import { randomUUID } from 'node:crypto';
import { apiVersion, RESOURCES, type Resource, resourceOfKind } from './resources.js';
import { goJson } from './status.js';
import type { ApiObject, ObjectReference } from './types.js';

export interface StoreEvent {
  readonly resourceVersion: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  /**
   * As it is now; of a deleted object its last content, with the resourceVersion of the deletion.
   */
  readonly object: ApiObject;
  readonly previous?: ApiObject;
}

/** The key of an object in etcd below its resource: it gives lists their order. */
export function keyOf(object: ApiObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? `/${name}` : `/${namespace}/${name}`;
}

function referenceKey(
  resource: Resource,
  { namespace = 'default', name }: ObjectReference,
): string {
  return resource.namespaced ? `/${namespace}/${name}` : `/${name}`;
}

const texts = new WeakMap<ApiObject, string>();

/** The object as an item of a list: JSON without kind and apiVersion. */
export function itemText(object: ApiObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const { kind: _kind, apiVersion: _version, ...rest } = object;
  const text = goJson(rest);
  texts.set(object, text);
  return text;
}

/** The object alone or in an event: JSON with kind and apiVersion in front. */
export function objectText(object: ApiObject, resource: Resource): string {
  const head = goJson({ kind: resource.kind, apiVersion: apiVersion(resource) });
  return `${head.slice(0, -1)},${itemText(object).slice(1)}`;
}

/** The same object at another resourceVersion. */
export function withVersion(object: ApiObject, resourceVersion: number): ApiObject {
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
  };
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/**
 * The object with metadata in the order in which a server prints it, and the identity of the one
 * that it replaces.
 */
function completed(
  object: ApiObject,
  resource: Resource,
  identity: { readonly uid?: unknown; readonly creationTimestamp?: unknown },
  resourceVersion: string,
): ApiObject {
  const { name, namespace = 'default', ...given } = object.metadata;
  const { uid: _uid, resourceVersion: _version, generation, generateName, ...rest } = given;
  const { creationTimestamp: _created, ...metadata } = rest;
  return {
    ...object,
    kind: resource.kind,
    apiVersion: apiVersion(resource),
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      ...(resource.namespaced ? { namespace } : {}),
      uid: String(identity.uid ?? randomUUID()),
      resourceVersion,
      ...(generation === undefined ? {} : { generation }),
      creationTimestamp: identity.creationTimestamp ?? now(),
      ...metadata,
    },
  };
}

type Objects = Map<string, ApiObject>;

export class Store {
  readonly #objects = new Map<string, Objects>(RESOURCES.map(({ name }) => [name, new Map()]));
  readonly #limit: number;
  readonly #sorted = new Map<
    string,
    { readonly at: number; readonly list: readonly ApiObject[] }
  >();
  #history: StoreEvent[] = [];
  #dropped = 0;
  #version: number;
  #oldest = 0;

  constructor(version: number, historyLimit: number) {
    this.#version = version;
    this.#limit = historyLimit;
  }

  /** The resourceVersion of the whole store. */
  get version(): number {
    return this.#version;
  }

  /** The smallest resourceVersion that a watch can start from. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The number of the first event that is remembered. */
  get first(): number {
    return this.#dropped;
  }

  /** The number of the next event. */
  get end(): number {
    return this.#dropped + this.#history.length;
  }

  get size(): number {
    return [...this.#objects.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The event of this number, `undefined` if it is forgotten or has not happened. */
  event(number: number): StoreEvent | undefined {
    return this.#history[number - this.#dropped];
  }

  /** The number of the first event behind a resourceVersion. */
  after(version: number): number {
    let low = 0;
    let high = this.#history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#history[middle]?.resourceVersion ?? 0) > version) high = middle;
      else low = middle + 1;
    }
    return this.#dropped + low;
  }

  /** Creates or replaces an object; whether anything changed. */
  set(object: ApiObject): boolean {
    const resource = resourceOfKind(object.kind);
    const objects = this.#of(resource);
    const previous = objects.get(referenceKey(resource, { kind: '', ...object.metadata }));
    const identity = previous?.metadata ?? object.metadata;
    const same = completed(object, resource, identity, previous?.metadata.resourceVersion ?? '');
    if (previous !== undefined && itemText(previous) === itemText(same)) return false;
    const version = this.advance();
    const stored = withVersion(same, version);
    objects.set(keyOf(stored), stored);
    this.#tell({
      resourceVersion: version,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      resource,
      object: stored,
      ...(previous === undefined ? {} : { previous }),
    });
    return true;
  }

  /** Deletes an object; whether there was one. */
  delete(reference: ObjectReference): boolean {
    const resource = resourceOfKind(reference.kind);
    const key = referenceKey(resource, reference);
    const previous = this.#of(resource).get(key);
    if (previous === undefined) return false;
    this.#of(resource).delete(key);
    const version = this.advance();
    const object = withVersion(previous, version);
    this.#tell({ resourceVersion: version, type: 'DELETED', resource, object, previous });
    return true;
  }

  get(reference: ObjectReference): ApiObject | undefined {
    const resource = resourceOfKind(reference.kind);
    return this.#of(resource).get(referenceKey(resource, reference));
  }

  /** All objects, sorted by kind and key. */
  all(): readonly ApiObject[] {
    return RESOURCES.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)).flatMap((one) => this.at(one));
  }

  /** Replaces everything. There is no history of it, but a watch from here on can follow. */
  restore(given: readonly ApiObject[], version: number): void {
    for (const objects of this.#objects.values()) objects.clear();
    this.#version = version;
    for (const object of given) {
      const resource = resourceOfKind(object.kind);
      const own = object.metadata.resourceVersion ?? String(version);
      const stored = completed(object, resource, object.metadata, own);
      this.#of(resource).set(keyOf(stored), stored);
      this.#version = Math.max(this.#version, Number(own));
    }
    this.compact();
  }

  /** Drops all events. */
  compact(): void {
    this.#dropped += this.#history.length;
    this.#history = [];
    this.#oldest = this.#version;
    this.#sorted.clear();
  }

  advance(by = 1): number {
    this.#version += by;
    return this.#version;
  }

  /**
   * The objects of a resource as they were at a resourceVersion that is not forgotten, in the order
   * of their keys.
   */
  at(resource: Resource, version: number = this.#version): readonly ApiObject[] {
    const known = this.#sorted.get(resource.name);
    if (known?.at === version) return known.list;
    const objects = new Map(this.#of(resource));
    for (const event of this.#history.toReversed()) {
      if (event.resourceVersion <= version) break;
      if (event.resource !== resource) continue;
      if (event.previous === undefined) objects.delete(keyOf(event.object));
      else objects.set(keyOf(event.object), event.previous);
    }
    const list = [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    this.#sorted.set(resource.name, { at: version, list });
    return list;
  }

  #of(resource: Resource): Objects {
    return this.#objects.get(resource.name) ?? new Map();
  }

  #tell(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length <= this.#limit * 1.25) return;
    const dropped = this.#history.splice(0, this.#history.length - this.#limit);
    this.#dropped += dropped.length;
    this.#oldest = dropped.at(-1)?.resourceVersion ?? this.#oldest;
  }
}
