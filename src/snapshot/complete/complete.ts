/**
 * What an API server and its controllers would add to objects as people write them: defaults,
 * node ports, ClusterIPs, EndpointSlices. Each choice is reported as a note;
 * objects that come from an API server pass through unchanged.
 */

import type { Diagnostic } from '../../diagnostics.js';
import type { Cidr } from '../../net/cidr.js';
import { type SnapshotObjects, serviceOfSlice } from '../index-objects.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  type NamespacedName,
  namespacedName,
  objectRef,
  type Pod,
  type Service,
} from '../types.js';
import { assignClusterIps } from './cluster-ips.js';
import { withDefaults } from './defaults.js';
import { assignNodePorts } from './node-ports.js';
import { podFinder } from './pods.js';
import { type ServiceRanges, serviceRanges } from './service-ranges.js';
import { slicesFromEndpoints } from './slices-from-endpoints.js';
import { slicesFromPods } from './slices-from-pods.js';

/** The objects of a snapshot, complete, and a diagnostic for each thing that was filled in. */
export interface CompletedObjects extends SnapshotObjects {
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The objects as an API server would hold them. ClusterIPs come from `serviceCidrs`, else from
 * the ServiceCIDR objects, else from kubeadm's default network.
 */
export function completeObjects(
  objects: readonly KubernetesObject[],
  serviceCidrs: readonly Cidr[],
): CompletedObjects {
  const byKind = groupByKind(objects);
  // Node ports first: a Service with clusterIPs counts as stored, and is given none.
  const withPorts = assignNodePorts(byKind.services.map(withDefaults));
  const ranges = serviceRanges(serviceCidrs, byKind.serviceCidrs);
  const withIps = assignClusterIps(withPorts.services, ranges);
  const made = makeSlices(withIps.services, byKind, ranges);
  return {
    services: withIps.services,
    slices: made.slices.length === 0 ? byKind.slices : [...byKind.slices, ...made.slices],
    nodes: byKind.nodes,
    serviceCidrs: byKind.serviceCidrs,
    diagnostics: [...withIps.diagnostics, ...withPorts.diagnostics, ...made.diagnostics],
  };
}

interface ObjectsByKind extends SnapshotObjects {
  readonly pods: readonly Pod[];
  readonly endpoints: ReadonlyMap<NamespacedName, readonly EndpointSlice[]>;
}

function groupByKind(objects: readonly KubernetesObject[]): ObjectsByKind {
  const endpoints = objects.filter((object) => object.kind === 'Endpoints');
  return {
    services: objects.filter((object) => object.kind === 'Service'),
    slices: objects.filter((object) => object.kind === 'EndpointSlice'),
    nodes: objects.filter((object) => object.kind === 'Node'),
    serviceCidrs: objects.filter((object) => object.kind === 'ServiceCIDR'),
    pods: objects.filter((object) => object.kind === 'Pod'),
    endpoints: new Map(
      endpoints.map((one) => [namespacedName(one.metadata), slicesFromEndpoints(one)]),
    ),
  };
}

/** Slices for the Services that none names: from Endpoints of the same name, else from Pods. */
function makeSlices(
  services: readonly Service[],
  { slices, endpoints, pods, nodes }: ObjectsByKind,
  ranges: ServiceRanges,
): { readonly slices: readonly EndpointSlice[]; readonly diagnostics: readonly Diagnostic[] } {
  if (endpoints.size === 0 && pods.length === 0) return { slices: [], diagnostics: [] };
  const named = new Set(slices.map(serviceOfSlice));
  const open = services.filter(
    (service) =>
      service.spec.type !== 'ExternalName' && !named.has(namespacedName(service.metadata)),
  );
  const mirrored = open.filter((service) => endpoints.has(namespacedName(service.metadata)));
  const selecting = open.filter(
    (service) =>
      !endpoints.has(namespacedName(service.metadata)) &&
      Object.keys(service.spec.selector ?? {}).length > 0,
  );
  const sources = {
    findPods: podFinder(pods),
    nodes: new Map(nodes.map((node) => [node.metadata.name, node])),
    ranges,
  };
  const fromPods =
    pods.length === 0 ? [] : selecting.map((service) => slicesFromPods(service, sources));
  return {
    slices: [
      ...mirrored.flatMap((service) => endpoints.get(namespacedName(service.metadata)) ?? []),
      ...fromPods.flatMap((result) => result.slices),
    ],
    diagnostics: [
      ...mirrored.map(mirroredNote),
      ...fromPods.flatMap((result) => result.diagnostics),
      ...[...new Set(fromPods.flatMap((result) => result.withoutAddress))].map(withoutAddress),
    ],
  };
}

function mirroredNote(service: Service): Diagnostic {
  return {
    code: 'slices-from-endpoints',
    severity: 'note',
    message: `Service ${namespacedName(service.metadata)}: endpoints taken from the Endpoints object of the same name`,
    object: objectRef(service),
  };
}

function withoutAddress(pod: Pod): Diagnostic {
  return {
    code: 'pod-without-address',
    severity: 'warning',
    message: `Pod ${namespacedName(pod.metadata)} answers for no Service: it has no status.podIP`,
    object: objectRef(pod),
    field: 'status.podIP',
    hint: 'give Pods as `kubectl get pods -o yaml` prints them, or write EndpointSlices',
  };
}
