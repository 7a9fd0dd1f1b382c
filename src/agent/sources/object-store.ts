/**
 * The objects that an API server sent last, as a Snapshot that shares everything that did not
 * change.
 */

import type { Diagnostic, ObjectRef } from '../../diagnostics.js';
import { EMPTY_SNAPSHOT } from '../../snapshot/index-objects.js';
import type { Received } from '../../snapshot/receive.js';
import type { KubernetesObject, NamespacedName } from '../../snapshot/types.js';
import { updateSnapshot } from '../../snapshot/update.js';
import type { SourceChange, SourceState, WatchedKind } from '../source.js';
import { onlyFamily } from './state-changes.js';

/** What one call changed, with the diagnostics that are new. */
export interface StoreChange {
  readonly changes: readonly SourceChange[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What is known of one name: the object, or that it is invalid. */
interface Entry {
  readonly ref: ObjectRef;
  readonly object: KubernetesObject | undefined;
  readonly service: NamespacedName | undefined;
  /** Its diagnostics, so that an invalid object that is sent again is reported once. */
  readonly messages: string;
}

/**
 * Holds the objects of all kinds. Events may be repeated, late or about unknown objects: the last
 * one about a name wins. Changes are collected until the state is read, so that many of them are
 * one update.
 */
export class ObjectStore {
  readonly #entries: Readonly<Record<WatchedKind, Map<string, Entry>>> = {
    Service: new Map(),
    EndpointSlice: new Map(),
    Node: new Map(),
    ServiceCIDR: new Map(),
  };
  readonly #waiting = new Map<
    string,
    { readonly ref: ObjectRef; readonly object?: KubernetesObject }
  >();
  readonly #incomplete = new Map<string, NamespacedName>();
  #snapshot = EMPTY_SNAPSHOT;

  /** Replaces all objects of a kind; those not among the items are deleted. */
  replace(kind: WatchedKind, items: readonly Received[]): StoreChange {
    const now = new Set(items.map(({ ref }) => keyOf(ref)));
    const removed = [...this.#entries[kind]].filter(([key]) => !now.has(key));
    return merge([
      ...removed.map(([, { ref }]) => this.delete(kind, ref)),
      ...items.map((item) => this.set(kind, item)),
    ]);
  }

  /** Adds or replaces one object. An equal one changes nothing. */
  set(kind: WatchedKind, { ref, object, service, triggered, diagnostics }: Received): StoreChange {
    const key = keyOf(ref);
    const before = this.#entries[kind].get(key);
    const messages = diagnostics.map(({ message }) => message).join('\n');
    const news = messages === (before?.messages ?? '') ? [] : diagnostics;
    const isSame = before?.service === service && sameObject(before?.object, object);
    if (before !== undefined && isSame) {
      this.#entries[kind].set(key, { ...before, messages });
      return { changes: [], diagnostics: news };
    }
    this.#entries[kind].set(key, { ref, object, service, messages });
    if (object === undefined) this.#refuse(key, kind, ref, service);
    else {
      this.#incomplete.delete(`${kind} ${key}`);
      this.#waiting.set(`${kind} ${key}`, { ref, object });
    }
    return { changes: changesOf(kind, before, { object, service }, triggered), diagnostics: news };
  }

  /** Deletes one object. */
  delete(kind: WatchedKind, ref: ObjectRef): StoreChange {
    const key = keyOf(ref);
    const before = this.#entries[kind].get(key);
    if (before === undefined) return { changes: [], diagnostics: [] };
    this.#entries[kind].delete(key);
    this.#incomplete.delete(`${kind} ${key}`);
    this.#waiting.set(`${kind} ${key}`, { ref });
    return { changes: changesOf(kind, before, undefined, undefined), diagnostics: [] };
  }

  /** Everything as it is now. */
  state(): SourceState {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#snapshot = updateSnapshot(this.#snapshot, {
      set: waiting.flatMap(({ object }) => object ?? []),
      delete: waiting.flatMap(({ ref, object }) => (object === undefined ? [ref] : [])),
    });
    return { snapshot: this.#snapshot, incomplete: new Set(this.#incomplete.values()) };
  }

  /**
   * A Service with an invalid object keeps its rules; a Node or ServiceCIDR that became invalid
   * stays as it was.
   */
  #refuse(
    key: string,
    kind: WatchedKind,
    ref: ObjectRef,
    service: NamespacedName | undefined,
  ): void {
    if (kind === 'Node' || kind === 'ServiceCIDR') return;
    this.#waiting.set(`${kind} ${key}`, { ref });
    this.#incomplete.delete(`${kind} ${key}`);
    if (service !== undefined) this.#incomplete.set(`${kind} ${key}`, service);
  }
}

function keyOf({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

/** Objects hold only fields that are read, in a fixed order, so that their text compares them. */
function sameObject(a: KubernetesObject | undefined, b: KubernetesObject | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A slice whose label now names another Service changes both Services. */
function changesOf(
  kind: WatchedKind,
  before: Pick<Entry, 'object' | 'service'> | undefined,
  after: Pick<Entry, 'object' | 'service'> | undefined,
  triggered: number | undefined,
): readonly SourceChange[] {
  const entries = [before, after].flatMap((entry) => entry ?? []);
  const services = new Set(entries.map(({ service }) => service));
  const objects = entries.flatMap(({ object }) => object ?? []);
  // What an invalid object means is not known: its Service changes in both families.
  const family = objects.length < entries.length ? undefined : onlyFamily(objects);
  return [...services].map((service) => ({
    kind,
    ...(service === undefined ? {} : { service }),
    ...(family === undefined ? {} : { family }),
    ...(triggered === undefined ? {} : { triggered }),
  }));
}

function merge(all: readonly StoreChange[]): StoreChange {
  return {
    changes: all.flatMap(({ changes }) => changes),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}
