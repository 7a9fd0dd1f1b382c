/** Indexes typed objects into the maps of a Snapshot. */

import { addTo } from '../grouping.js';
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

/** The snapshot of no objects. */
export const EMPTY_SNAPSHOT: Snapshot = {
  services: new Map(),
  slices: new Map(),
  nodes: new Map(),
  serviceCidrs: [],
  skippedKinds: new Map(),
};

/** The snapshot of these objects; of two with the same name the later one counts. */
export function indexSnapshot(
  objects: SnapshotObjects,
  skippedKinds: ReadonlyMap<string, number> = new Map(),
): Snapshot {
  return {
    services: new Map(
      objects.services.map((service) => [namespacedName(service.metadata), service]),
    ),
    slices: indexSlices(objects.slices),
    nodes: new Map(objects.nodes.map((node) => [node.metadata.name, node])),
    serviceCidrs: objects.serviceCidrs.toSorted(byName),
    skippedKinds,
  };
}

/** The Service that the label of a slice names, or undefined without that label. */
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
    addTo(index, service, slice);
  }
  for (const known of index.values()) known.sort(byName);
  return index;
}

/** The order of objects by their own name, by code units: the same in every locale. */
export function byName(a: KubernetesObject, b: KubernetesObject): number {
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
