/**
 * What Pods offer to Services: found by label, addressed by family, asked for their named ports.
 */

import { type Family, familyOf, parseIp } from '../../net/ip.js';
import type { Pod, Protocol, ServicePortSpec } from '../types.js';

/** The Pods of a namespace that carry all these labels, ordered by name. */
export type FindPods = (
  namespace: string,
  selector: Readonly<Record<string, string>>,
) => readonly Pod[];

/** A search over Pods that costs what it finds, not what there is. */
export function podFinder(pods: readonly Pod[]): FindPods {
  const byLabel = new Map<string, Pod[]>();
  for (const pod of pods) {
    for (const [label, value] of Object.entries(pod.metadata.labels ?? {})) {
      const key = labelKey(pod.metadata.namespace ?? 'default', label, value);
      const known = byLabel.get(key);
      if (known === undefined) byLabel.set(key, [pod]);
      else known.push(pod);
    }
  }
  return (namespace, selector) => {
    const wanted = Object.entries(selector);
    const lists = wanted.map(
      ([label, value]) => byLabel.get(labelKey(namespace, label, value)) ?? [],
    );
    const fewest = lists.toSorted((a, b) => a.length - b.length)[0] ?? [];
    return fewest
      .filter((pod) => wanted.every(([label, value]) => pod.metadata.labels?.[label] === value))
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

/** Whether the Pod has ended: it keeps its address in the object, but nobody answers there. */
export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether the Pod's Ready condition is true. */
export function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

/**
 * The number behind a Service port in this Pod, or undefined where the Pod has no container port
 * of that name and protocol. Sidecars, which are init containers that restart, count too.
 */
export function targetPort(pod: Pod, port: ServicePortSpec): number | undefined {
  const target = port.targetPort ?? 0;
  if (target === 0 || target === '') return port.port;
  if (typeof target === 'number') return target;
  const protocol: Protocol = port.protocol ?? 'TCP';
  const sidecars = (pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always');
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((offer) => offer.name === target && (offer.protocol ?? 'TCP') === protocol)
    ?.containerPort;
}
