/** Which Services ask for a health check node port, and how many endpoints each has on this node. */

import type { Model, NamespacedName } from '../../model/types.js';
import type { Ip } from '../../net/ip.js';

/** One Service of type LoadBalancer with external traffic policy Local. */
export interface HealthCheckedService {
  readonly service: NamespacedName;
  /** Addresses on this node that are ready, each once whatever the number of its ports. Those that terminate do not count. */
  readonly localEndpoints: number;
}

/** By port. Of two Services that want one port the first in order has it. */
export function healthCheckedServices({ ports }: Model): ReadonlyMap<number, HealthCheckedService> {
  const found = new Map<number, { readonly service: NamespacedName; readonly ips: Set<Ip> }>();
  for (const { healthCheckNodePort, service, pools } of ports) {
    if (healthCheckNodePort === 0) continue;
    const known = found.get(healthCheckNodePort) ?? { service, ips: new Set() };
    found.set(healthCheckNodePort, known);
    if (known.service !== service) continue;
    for (const { ip, ready } of pools.local) if (ready) known.ips.add(ip);
  }
  return new Map(
    [...found].map(([port, { service, ips }]) => [port, { service, localEndpoints: ips.size }]),
  );
}
