/** Finds Pods by label, and reads their addresses, readiness and named ports. */

import { addTo } from '../../grouping.js';
import { type Family, familyOf, parseIp } from '../../net/ip.js';
import type { ObjectMeta, Pod, ServicePortSpec } from '../types.js';

/** The objects of a namespace that carry all these labels, ordered by name. */
export type FindByLabels<T> = (
  namespace: string,
  selector: Readonly<Record<string, string>>,
) => readonly T[];

/** Finds Pods by label. */
export type FindPods = FindByLabels<Pod>;

/** Indexes Pods by label. */
export function podFinder(pods: readonly Pod[]): FindPods {
  return labelFinder(pods, ({ metadata }) => metadata.labels ?? {});
}

/** Indexes objects by label: a search looks only at those with the rarest label of the selector. */
export function labelFinder<T extends { readonly metadata: ObjectMeta }>(
  objects: readonly T[],
  labelsOf: (object: T) => Readonly<Record<string, string>>,
): FindByLabels<T> {
  const byLabel = new Map<string, T[]>();
  for (const object of objects) {
    for (const [label, value] of Object.entries(labelsOf(object))) {
      const key = labelKey(object.metadata.namespace ?? 'default', label, value);
      addTo(byLabel, key, object);
    }
  }
  return (namespace, selector) => {
    const wanted = Object.entries(selector);
    const lists = wanted.map(
      ([label, value]) => byLabel.get(labelKey(namespace, label, value)) ?? [],
    );
    const fewest = lists.toSorted((a, b) => a.length - b.length)[0] ?? [];
    return fewest
      .filter((object) => wanted.every(([label, value]) => labelsOf(object)[label] === value))
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  };
}

function labelKey(namespace: string, label: string, value: string): string {
  return `${namespace} ${label}=${value}`;
}

/** The address of a Pod in a family. A Pod on the host network has its host's. */
export function podIp(pod: Pod, family: Family): string | undefined {
  const status = pod.status ?? {};
  const own = [...(status.podIPs ?? []).map((entry) => entry.ip), status.podIP];
  const all = pod.spec?.hostNetwork === true ? [...own, status.hostIP] : own;
  return all.find((text) => {
    const ip = parseIp(text ?? '');
    return ip !== undefined && familyOf(ip) === family;
  });
}

/** Whether the Pod has terminated. Its status keeps the address, which may be in use elsewhere. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether the Pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

/** The number behind a Service port in a Pod, or undefined where the Pod has no such port. */
export type TargetPort = (port: ServicePortSpec) => number | undefined;

/**
 * Looks up the target ports of Services in a Pod: numbers as they are, names among its container
 * ports of the same protocol. Sidecars, which are init containers that restart, count too.
 */
export function targetPorts(pod: Pod): TargetPort {
  const sidecars = (pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always');
  const named = new Map<string, number>();
  for (const { ports } of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const { name, protocol, containerPort } of ports ?? []) {
      const key = `${name}/${protocol ?? 'TCP'}`;
      if (!named.has(key)) named.set(key, containerPort);
    }
  }
  return (port) => {
    const target = port.targetPort ?? 0;
    if (target === 0 || target === '') return port.port;
    return typeof target === 'number' ? target : named.get(`${target}/${port.protocol ?? 'TCP'}`);
  };
}
