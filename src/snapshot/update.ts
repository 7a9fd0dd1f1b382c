/** Applies one change to a Snapshot; what does not change is shared with the one before. */

import type { ObjectRef } from '../diagnostics.js';
import { addTo } from '../grouping.js';
import { changedMap } from './changed-map.js';
import { byName, serviceOfSlice } from './index-objects.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type NamespacedName,
  namespacedName,
  type ServiceCidr,
  type Snapshot,
} from './types.js';

/** What changes between two snapshots. */
export interface SnapshotChange {
  /** Objects that are new, or replace the one of the same name. */
  readonly set?: readonly KubernetesObject[];
  readonly delete?: readonly ObjectRef[];
}

/**
 * The snapshot after a change. Maps, arrays and objects that the change does not touch are the
 * same ones, so that later stages skip them; without any change it is the same snapshot. Nothing
 * is filled in: what a watch delivers is complete. Pods and Endpoints are no part of a snapshot.
 */
export function updateSnapshot(snapshot: Snapshot, change: SnapshotChange): Snapshot {
  const set = change.set ?? [];
  const deleted = change.delete ?? [];
  const services = updateMap(
    snapshot.services,
    set.filter((object) => object.kind === 'Service').map((o) => [namespacedName(o.metadata), o]),
    deleted.filter((ref) => ref.kind === 'Service').map((ref) => `${ref.namespace}/${ref.name}`),
  );
  const nodes = updateMap(
    snapshot.nodes,
    set.filter((object) => object.kind === 'Node').map((node) => [node.metadata.name, node]),
    deleted.filter((ref) => ref.kind === 'Node').map((ref) => ref.name),
  );
  const slices = updateSlices(
    snapshot.slices,
    set.filter((object) => object.kind === 'EndpointSlice'),
    deleted.filter((ref) => ref.kind === 'EndpointSlice'),
  );
  const serviceCidrs = updateCidrs(
    snapshot.serviceCidrs,
    set.filter((object) => object.kind === 'ServiceCIDR'),
    deleted.filter((ref) => ref.kind === 'ServiceCIDR'),
  );
  const same =
    services === snapshot.services &&
    nodes === snapshot.nodes &&
    slices === snapshot.slices &&
    serviceCidrs === snapshot.serviceCidrs;
  return same ? snapshot : { ...snapshot, services, nodes, slices, serviceCidrs };
}

function updateMap<T extends object>(
  map: ReadonlyMap<string, T>,
  set: readonly (readonly [string, T])[],
  deleted: readonly string[],
): ReadonlyMap<string, T> {
  const changed = set.filter(([key, value]) => map.get(key) !== value);
  const removed = deleted.filter((key) => map.has(key));
  if (changed.length === 0 && removed.length === 0) return map;
  return changedMap(map, [...removed.map((key) => [key, undefined] as const), ...changed]);
}

function updateSlices(
  map: Snapshot['slices'],
  set: readonly EndpointSlice[],
  deleted: readonly ObjectRef[],
): Snapshot['slices'] {
  if (set.length === 0 && deleted.length === 0) return map;
  const touched = new Set([
    ...deleted.map((ref) => `${ref.namespace}/${ref.name}`),
    ...set.map((slice) => namespacedName(slice.metadata)),
  ]);
  const changed = holders(map, set, deleted, touched);
  for (const slice of new Map(set.map((s) => [namespacedName(s.metadata), s])).values()) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    const known = changed.get(service) ?? [...(map.get(service) ?? [])];
    known.push(slice);
    changed.set(service, known);
  }
  return replaceSlices(map, changed);
}

/** The lists that hold a slice of one of these names, without them. */
function holders(
  map: Snapshot['slices'],
  set: readonly EndpointSlice[],
  deleted: readonly ObjectRef[],
  touched: ReadonlySet<string>,
): Map<NamespacedName, EndpointSlice[]> {
  const stays = (slice: EndpointSlice): boolean => !touched.has(namespacedName(slice.metadata));
  const lists = new Map<NamespacedName, EndpointSlice[]>();
  // Nearly always a slice replaces itself in the list of its Service; then no other list holds it.
  const elsewhere = new Set(deleted.map((ref) => ref.name));
  for (const [service, names] of namesByService(set)) {
    const before = map.get(service) ?? [];
    const known = new Set(before.map((slice) => slice.metadata.name));
    if (names.some((name) => known.has(name))) lists.set(service, before.filter(stays));
    for (const name of names) if (!known.has(name)) elsewhere.add(name);
  }
  if (elsewhere.size === 0) return lists;
  for (const [service, slices] of map) {
    if (slices.some((slice) => elsewhere.has(slice.metadata.name) && !stays(slice)))
      lists.set(service, slices.filter(stays));
  }
  return lists;
}

/** The names of slices by the Service that they name; `''` for those that name none. */
function namesByService(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const slice of slices) {
    const service = serviceOfSlice(slice) ?? '';
    addTo(names, service, slice.metadata.name);
  }
  return names;
}

function replaceSlices(
  map: Snapshot['slices'],
  changed: ReadonlyMap<NamespacedName, EndpointSlice[]>,
): Snapshot['slices'] {
  const real = [...changed].filter(([service, slices]) => {
    slices.sort(byName);
    const before = map.get(service) ?? [];
    return slices.length !== before.length || slices.some((slice, i) => slice !== before[i]);
  });
  if (real.length === 0) return map;
  return changedMap(
    map,
    real.map(([service, slices]) => [service, slices.length === 0 ? undefined : slices]),
  );
}

function updateCidrs(
  cidrs: readonly ServiceCidr[],
  set: readonly ServiceCidr[],
  deleted: readonly ObjectRef[],
): readonly ServiceCidr[] {
  const before = new Map(cidrs.map((cidr) => [cidr.metadata.name, cidr]));
  const after = updateMap(
    before,
    set.map((cidr) => [cidr.metadata.name, cidr]),
    deleted.map((ref) => ref.name),
  );
  return after === before ? cidrs : [...after.values()].sort(byName);
}
