/**
 * Makes EndpointSlices of Pods, as the EndpointSlice controller does for a Service with a selector:
 * one slice for each family and set of port numbers.
 */

import type { Diagnostic } from '../../diagnostics.js';
import { getOrInsert } from '../../grouping.js';
import { type Family, familyOf, parseIp } from '../../net/ip.js';
import { isHeadless } from '../rules.js';
import {
  clusterIpsOf,
  type EndpointPort,
  type EndpointSlice,
  type EndpointSpec,
  HEADLESS_LABEL,
  type Node,
  namespacedName,
  objectRef,
  type Pod,
  SERVICE_NAME_LABEL,
  type Service,
  ZONE_LABEL,
} from '../types.js';
import { type FindPods, hasEnded, isReady, podIp, targetPorts } from './pods.js';
import { type ServiceRanges, storedFamilies } from './service-ranges.js';

/** The slices of one Service, with the diagnostics about them. */
export interface PodSlices {
  readonly slices: readonly EndpointSlice[];
  readonly diagnostics: readonly Diagnostic[];
  /** Pods that match but have no address, and should have one. */
  readonly withoutAddress: readonly Pod[];
}

/** What slices are made from, besides the Service. */
export interface PodSources {
  readonly findPods: FindPods;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ranges: ServiceRanges;
}

/** The slices of a Service with a selector, from the Pods that it matches. */
export function slicesFromPods(
  service: Service,
  { findPods, nodes, ranges }: PodSources,
): PodSlices {
  const namespace = service.metadata.namespace ?? 'default';
  const pods = findPods(namespace, service.spec.selector ?? {}).filter((pod) => !hasEnded(pod));
  const slices = familiesOf(service, pods, ranges).flatMap((family) =>
    groupByPorts(service, pods, family).map((group, i) =>
      makeSlice(service, group, `pods-${family.toLowerCase()}-${i}`, family, nodes),
    ),
  );
  return {
    slices,
    diagnostics: findings(service, pods, slices),
    withoutAddress: pods.filter(shouldHaveAddress),
  };
}

/**
 * The families of the Service's own addresses, in their order. A headless Service has none: those
 * that it is stored with, or that an API server would store. Where the cluster's networks are not
 * known, the first Pod has the family that the cluster gives by default.
 */
function familiesOf(
  service: Service,
  pods: readonly Pod[],
  ranges: ServiceRanges,
): readonly Family[] {
  const { spec } = service;
  if (isHeadless(service)) {
    if (spec.clusterIPs !== undefined && spec.ipFamilies !== undefined) return spec.ipFamilies;
    const [ofPods] = ranges.assumed ? pods.flatMap(primaryFamily) : [];
    const first = spec.ipFamilies?.[0] ?? ofPods ?? ranges.primary;
    return storedFamilies(first, spec, ranges);
  }
  return [...new Set(clusterIpsOf(service).map(familyOf))];
}

function primaryFamily({ status = {} }: Pod): readonly Family[] {
  const ip = parseIp(status.podIP ?? status.podIPs?.[0]?.ip ?? '');
  return ip === undefined ? [] : [familyOf(ip)];
}

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly pods: Pod[];
}

/**
 * Pods with an address of the family, by the numbers behind the Service's ports: names may differ
 * per Pod.
 */
function groupByPorts(service: Service, pods: readonly Pod[], family: Family): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const pod of pods) {
    if (podIp(pod, family) === undefined) continue;
    const ports = portsOf(service, pod);
    getOrInsert(groups, JSON.stringify(ports), () => ({ ports, pods: [] })).pods.push(pod);
  }
  return [...groups.values()];
}

function portsOf(service: Service, pod: Pod): readonly EndpointPort[] {
  const targetPort = targetPorts(pod);
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort);
    const { name = '', protocol = 'TCP' } = servicePort;
    return port === undefined ? [] : [{ name, protocol, port }];
  });
}

function makeSlice(
  service: Service,
  group: Group,
  suffix: string,
  family: Family,
  nodes: ReadonlyMap<string, Node>,
): EndpointSlice {
  const { name, namespace = 'default' } = service.metadata;
  const headless = isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {};
  const labels = { ...headless, [SERVICE_NAME_LABEL]: name };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-${suffix}`, namespace, labels },
    addressType: family,
    endpoints: group.pods.map((pod) => endpoint(service, pod, podIp(pod, family) ?? '', nodes)),
    ports: group.ports,
  };
}

/**
 * A terminating Pod still serves while it is Ready, but is ready only where unready ones are
 * published.
 */
function endpoint(
  service: Service,
  pod: Pod,
  address: string,
  nodes: ReadonlyMap<string, Node>,
): EndpointSpec {
  const serving = isReady(pod);
  const terminating = typeof pod.metadata.deletionTimestamp === 'string';
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const { nodeName, hostname, subdomain } = pod.spec ?? {};
  const zone = nodes.get(nodeName ?? '')?.metadata.labels?.[ZONE_LABEL];
  const hints = ready ? hintsFor(service, nodeName, zone) : undefined;
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(hints === undefined ? {} : { hints }),
  };
}

/**
 * PreferClose is the older name of PreferSameZone. PreferSameNode sets zone hints as well, as the
 * fallback.
 */
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

/**
 * The hints that spec.trafficDistribution asks for: clients of the endpoint's own zone, or own
 * node.
 */
function hintsFor(
  { spec }: Service,
  nodeName: string | undefined,
  zone: string | undefined,
): EndpointSpec['hints'] {
  const sameNode = spec.trafficDistribution === 'PreferSameNode' && nodeName !== undefined;
  const sameZone = DISTRIBUTIONS.includes(spec.trafficDistribution ?? '') && zone !== undefined;
  if (!sameNode && !sameZone) return undefined;
  return {
    ...(sameZone ? { forZones: [{ name: zone }] } : {}),
    ...(sameNode ? { forNodes: [{ name: nodeName }] } : {}),
  };
}

/**
 * A Pending Pod has no address yet. Any other Pod without an address is from a manifest.
 */
function shouldHaveAddress(pod: Pod): boolean {
  const addressed = podIp(pod, 'IPv4') !== undefined || podIp(pod, 'IPv6') !== undefined;
  return !addressed && pod.status?.phase !== 'Pending';
}

function findings(
  service: Service,
  pods: readonly Pod[],
  slices: readonly EndpointSlice[],
): readonly Diagnostic[] {
  const object = objectRef(service);
  const name = namespacedName(service.metadata);
  if (pods.length === 0) {
    return [
      {
        code: 'no-matching-pods',
        severity: 'warning',
        message: `Service ${name}: no Pod of its namespace carries the labels of spec.selector`,
        object,
        field: 'spec.selector',
      },
    ];
  }
  const count = slices.reduce((sum, slice) => sum + slice.endpoints.length, 0);
  const note: Diagnostic = {
    code: 'slices-from-pods',
    severity: 'note',
    message: `Service ${name}: ${count} endpoint${count === 1 ? '' : 's'} taken from the Pods that its selector matches`,
    object,
  };
  return [...(count === 0 ? [] : [note]), ...unknownTargetPorts(service, pods)];
}

function unknownTargetPorts(service: Service, pods: readonly Pod[]): readonly Diagnostic[] {
  const lookups = pods.map(targetPorts);
  return (service.spec.ports ?? []).flatMap((port, i): readonly Diagnostic[] => {
    if (lookups.some((targetPort) => targetPort(port) !== undefined)) return [];
    const field = `spec.ports[${i}].targetPort`;
    const value = JSON.stringify(port.targetPort);
    return [
      {
        code: 'unknown-target-port',
        severity: 'warning',
        message: `Service ${namespacedName(service.metadata)}: ${field}: no matching Pod has a ${port.protocol ?? 'TCP'} container port ${value}`,
        object: objectRef(service),
        field,
        value,
      },
    ];
  });
}
