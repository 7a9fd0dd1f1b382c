/** Which Services ask for a health check node port, and how many endpoints each has on this node. */

import { endpointsByPort } from '../../model/endpoints.js';
import { entryOf } from '../../model/entries.js';
import type { Model, NamespacedName, NodeContext, ServiceEntry } from '../../model/types.js';
import { type Family, type Ip, parseIp } from '../../net/ip.js';

/** One Service of type LoadBalancer with external traffic policy Local. */
export interface HealthCheckedService {
  readonly service: NamespacedName;
  /** Addresses on this node that are ready, each once whatever the number of its ports. Those that terminate do not count. */
  readonly localEndpoints: number;
}

/** By port. Of two Services that want one port the first in order has it. */
export function healthCheckedServices({
  context,
  ports,
  entries,
}: Model): ReadonlyMap<number, HealthCheckedService> {
  const found = new Map<number, HealthCheckedService>();
  for (const { healthCheckNodePort, service } of ports) {
    if (healthCheckNodePort === 0 || found.has(healthCheckNodePort)) continue;
    const localEndpoints = localReady(entryOf(entries, service), context.family, context.nodeName);
    found.set(healthCheckNodePort, { service, localEndpoints });
  }
  return found;
}

/** From the slices, because the pools of a port without any external address hold no local endpoints. */
function localReady(entry: ServiceEntry | undefined, family: Family, nodeName: string): number {
  const ips = new Set<Ip>();
  for (const endpoints of endpointsByPort(entry?.slices ?? [], family, nodeName, []).values())
    for (const { ip, ready, local } of endpoints) if (ready && local) ips.add(ip);
  return ips.size;
}

/**
 * The addresses of one family that the ports are opened on: those that accept node ports. Where that is every address, the unspecified one;
 * where it is none, kube-proxy answers nobody either.
 */
export function healthCheckIps({ family, nodePortAddresses }: NodeContext): readonly Ip[] {
  if (nodePortAddresses.kind === 'listed') return nodePortAddresses.ips;
  const any = parseIp(family === 'IPv6' ? '::' : '0.0.0.0');
  return any === undefined ? [] : [any];
}
