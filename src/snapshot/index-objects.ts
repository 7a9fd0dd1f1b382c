/** Typed objects <-> the maps of a Snapshot. */

import type { ObjectRef } from '../diagnostics.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type NamespacedName,
  type Node,
  namespacedName,
  SERVICE_NAME_LABEL,
  type Service,
  type ServiceCidr,
  type Snapshot,
} from './types.js';

/** Objects by kind, before they are indexed. */
export interface SnapshotObjects {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodes: readonly Node[];
  readonly serviceCidrs: readonly ServiceCidr[];
}

/** The snapshot of these objects; of two with the same name the later one counts. */
export function indexSnapshot(
  objects: SnapshotObjects,
  passedOver: ReadonlyMap<string, number> = new Map(),
): Snapshot {
  return {
    services: new Map(
      objects.services.map((service) => [namespacedName(service.metadata), service]),
    ),
    slices: indexSlices(objects.slices),
    nodes: new Map(objects.nodes.map((node) => [node.metadata.name, node])),
    serviceCidrs: objects.serviceCidrs.toSorted(byName),
    passedOver,
  };
}

/** The Service that a slice names, or undefined where it names none and so belongs to nobody. */
export function serviceOfSlice(slice: EndpointSlice): NamespacedName | undefined {
  const labels = slice.metadata.labels;
  const name =
    labels !== undefined && Object.hasOwn(labels, SERVICE_NAME_LABEL)
      ? labels[SERVICE_NAME_LABEL]
      : '';
  return name === undefined || name === ''
    ? undefined
    : `${slice.metadata.namespace ?? 'default'}/${name}`;
}

function indexSlices(
  slices: readonly EndpointSlice[],
): ReadonlyMap<NamespacedName, readonly EndpointSlice[]> {
  const index = new Map<NamespacedName, EndpointSlice[]>();
  for (const slice of slices) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    const known = index.get(service);
    if (known === undefined) index.set(service, [slice]);
    else known.push(slice);
  }
  for (const known of index.values()) known.sort(byName);
  return index;
}

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
  const gone = change.delete ?? [];
  const services = updateMap(
    snapshot.services,
    set.filter((object) => object.kind === 'Service').map((o) => [namespacedName(o.metadata), o]),
    gone.filter((ref) => ref.kind === 'Service').map((ref) => `${ref.namespace}/${ref.name}`),
  );
  const nodes = updateMap(
    snapshot.nodes,
    set.filter((object) => object.kind === 'Node').map((node) => [node.metadata.name, node]),
    gone.filter((ref) => ref.kind === 'Node').map((ref) => ref.name),
  );
  const slices = updateSlices(
    snapshot.slices,
    set.filter((object) => object.kind === 'EndpointSlice'),
    gone.filter((ref) => ref.kind === 'EndpointSlice'),
  );
  const serviceCidrs = updateCidrs(
    snapshot.serviceCidrs,
    set.filter((object) => object.kind === 'ServiceCIDR'),
    gone.filter((ref) => ref.kind === 'ServiceCIDR'),
  );
  const same =
    services === snapshot.services &&
    nodes === snapshot.nodes &&
    slices === snapshot.slices &&
    serviceCidrs === snapshot.serviceCidrs;
  return same ? snapshot : { ...snapshot, services, nodes, slices, serviceCidrs };
}

function updateMap<T>(
  map: ReadonlyMap<string, T>,
  set: readonly (readonly [string, T])[],
  gone: readonly string[],
): ReadonlyMap<string, T> {
  const real = set.filter(([key, value]) => map.get(key) !== value);
  const lost = gone.filter((key) => map.has(key));
  if (real.length === 0 && lost.length === 0) return map;
  const next = new Map(map);
  for (const key of lost) next.delete(key);
  for (const [key, value] of real) next.set(key, value);
  return next;
}

function updateSlices(
  map: Snapshot['slices'],
  set: readonly EndpointSlice[],
  gone: readonly ObjectRef[],
): Snapshot['slices'] {
  if (set.length === 0 && gone.length === 0) return map;
  // A slice may have moved to another Service, so every one of its name is looked for.
  const touched = new Set([
    ...gone.map((ref) => `${ref.namespace}/${ref.name}`),
    ...set.map((slice) => namespacedName(slice.metadata)),
  ]);
  const changed = new Map<NamespacedName, EndpointSlice[]>();
  for (const [service, slices] of map) {
    if (slices.some((slice) => touched.has(namespacedName(slice.metadata)))) {
      changed.set(
        service,
        slices.filter((slice) => !touched.has(namespacedName(slice.metadata))),
      );
    }
  }
  for (const slice of new Map(set.map((s) => [namespacedName(s.metadata), s])).values()) {
    const service = serviceOfSlice(slice);
    if (service === undefined) continue;
    const known = changed.get(service) ?? [...(map.get(service) ?? [])];
    known.push(slice);
    changed.set(service, known);
  }
  return replaceSlices(map, changed);
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
  const next = new Map(map);
  for (const [service, slices] of real) {
    if (slices.length === 0) next.delete(service);
    else next.set(service, slices);
  }
  return next;
}

function updateCidrs(
  cidrs: readonly ServiceCidr[],
  set: readonly ServiceCidr[],
  gone: readonly ObjectRef[],
): readonly ServiceCidr[] {
  const before = new Map(cidrs.map((cidr) => [cidr.metadata.name, cidr]));
  const after = updateMap(
    before,
    set.map((cidr) => [cidr.metadata.name, cidr]),
    gone.map((ref) => ref.name),
  );
  return after === before ? cidrs : [...after.values()].sort(byName);
}

function byName(a: KubernetesObject, b: KubernetesObject): number {
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
