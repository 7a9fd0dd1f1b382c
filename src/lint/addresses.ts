/** Whose an address of a cluster is. */

import type { HostFacts } from '../config/types.js';
import { type Cidr, parseCidr } from '../net/cidr.js';
import { type Ip, interfaceAddresses, parseIp } from '../net/ip.js';
import { clusterIpsOf, type NamespacedName, type Snapshot } from '../snapshot/types.js';
import type { LintInput } from './input.js';

/** The interface on which kube-proxy in mode ipvs has the addresses of Services. */
export const IPVS_INTERFACE = 'kube-ipvs0';

/** The Service of every cluster IP. */
export function clusterIpOwners({ services }: Snapshot): ReadonlyMap<Ip, NamespacedName> {
  const owners = new Map<Ip, NamespacedName>();
  for (const [name, service] of services)
    for (const ip of clusterIpsOf(service)) owners.set(ip, name);
  return owners;
}

/** Whose each address of a Node object is, in words: `an address of Node worker-1`. */
export function nodeAddressOwners({ nodes }: Snapshot): ReadonlyMap<Ip, string> {
  const owners = new Map<Ip, string>();
  for (const [name, { status }] of nodes)
    for (const { address } of status?.addresses ?? []) {
      const ip = parseIp(address);
      if (ip !== undefined) owners.set(ip, `an address of Node ${name}`);
    }
  return owners;
}

/** The same for the interfaces of a machine. Those that mode ipvs made are of Services. */
export function hostAddressOwners(host: HostFacts | undefined): ReadonlyMap<Ip, string> {
  const owners = new Map<Ip, string>();
  for (const nic of host?.interfaces ?? []) {
    if (nic.name === IPVS_INTERFACE) continue;
    for (const ip of interfaceAddresses([nic]))
      owners.set(ip, `an address of ${nic.name} of ${host?.nodeName}`);
  }
  return owners;
}

/** The networks of cluster IPs, as far as anything names them. */
export function serviceNetworks({
  snapshot,
  serviceCidrs,
}: Pick<LintInput, 'snapshot' | 'serviceCidrs'>): readonly Cidr[] {
  const texts = snapshot.serviceCidrs.flatMap(({ spec }) => spec?.cidrs ?? []);
  return [...serviceCidrs, ...texts.flatMap((text) => parseCidr(text) ?? [])];
}
