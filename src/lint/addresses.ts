/** Whose an address of a cluster is. */

import { type Ip, parseIp } from '../net/ip.js';
import { clusterIpsOf, type NamespacedName, type Snapshot } from '../snapshot/types.js';

/** The Service of every cluster IP. */
export function clusterIpOwners({ services }: Snapshot): ReadonlyMap<Ip, NamespacedName> {
  const owners = new Map<Ip, NamespacedName>();
  for (const [name, service] of services)
    for (const ip of clusterIpsOf(service)) owners.set(ip, name);
  return owners;
}

/** The Node of every address that a Node object tells. */
export function nodeAddressOwners({ nodes }: Snapshot): ReadonlyMap<Ip, string> {
  const owners = new Map<Ip, string>();
  for (const [name, { status }] of nodes)
    for (const { address } of status?.addresses ?? []) {
      const ip = parseIp(address);
      if (ip !== undefined) owners.set(ip, name);
    }
  return owners;
}
