/** The addresses of the machine that rules are for. */

import type { HostFacts } from '../config/types.js';
import type { Model } from '../model/types.js';
import { cidrContains } from '../net/cidr.js';
import { type Family, familyOf, type Ip, interfaceAddresses, parseIp } from '../net/ip.js';
import { difference, union } from '../netfilter/intervals.js';
import { address, allAddresses, loopback } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import type { Node } from '../snapshot/types.js';
import type { Packet } from './trace.js';

/**
 * The machine of host facts, else of its Node object, whose addresses are then taken for all that
 * it has. Without either only loopback is known, and every other address may be its own.
 */
export function machineOf(
  family: Family,
  host: HostFacts | undefined,
  node: Node | undefined,
): Machine {
  const ips =
    host === undefined
      ? (node?.status?.addresses ?? []).flatMap((entry) => parseIp(entry.address) ?? [])
      : interfaceAddresses(host.interfaces);
  const own = ips.filter((ip) => familyOf(ip) === family).map(address);
  const local = union([...own, loopback(family)]);
  const isKnown = host !== undefined || node !== undefined;
  const remote = isKnown ? difference(allAddresses(family), local) : [];
  return { family, local, remote, pods: [], interfaces: firstAddresses(host, family) };
}

/**
 * The first address of each interface, which iptables calls primary. Of several IPv6 addresses
 * versions of the kernel choose differently.
 */
function firstAddresses(host: HostFacts | undefined, family: Family): ReadonlyMap<string, Ip> {
  const found = new Map<string, Ip>();
  for (const nic of host?.interfaces ?? []) {
    const [first, ...others] = interfaceAddresses([nic]).filter((ip) => familyOf(ip) === family);
    if (first !== undefined && (family === 'IPv4' || others.length === 0))
      found.set(nic.name, first);
  }
  return found;
}

/** The machine, all of whose addresses are known. */
export function knownMachine(machine: Machine): Machine {
  return { ...machine, remote: difference(allAddresses(machine.family), machine.local) };
}

/** The machine, with more addresses known not to be its own. */
export function without(machine: Machine, others: readonly Ip[]): Machine {
  const known = difference(union(others.map(address)), machine.local);
  return { ...machine, remote: union([machine.remote, known]) };
}

/**
 * The addresses that objects give to Services and Pods. An endpoint may be a Node: where no Node
 * has addresses, only endpoints in the network of the Pods are certain to be none.
 */
export function elsewhere({ context, ports }: Model, nodes: Iterable<Node>): readonly Ip[] {
  const own = new Set(
    [...nodes].flatMap(({ status }) => status?.addresses ?? []).map((one) => one.address),
  );
  const { localDetector } = context;
  const isPod = (ip: Ip): boolean =>
    own.size > 0
      ? !own.has(ip)
      : localDetector.kind === 'source' && cidrContains(localDetector.cidr, ip);
  return ports.flatMap(({ clusterIp, pools }) => [
    ...(clusterIp === '' ? [] : [clusterIp]),
    ...pools.reachable.map(({ ip }) => ip).filter(isPod),
  ]);
}

/** The machine, with the source of a packet its own if it sends the packet, else not. */
export function meeting(
  machine: Machine,
  { source, start }: Pick<Packet, 'source' | 'start'>,
): Machine {
  const { local, remote } = machine;
  const own = address(source);
  return start === 'output'
    ? { ...machine, local: union([local, own]), remote: difference(remote, own) }
    : { ...machine, local: difference(local, own), remote: union([remote, own]) };
}
