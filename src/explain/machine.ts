/** The addresses of the machine that rules are for. */

import type { HostFacts } from '../config/types.js';
import { parseCidr } from '../net/cidr.js';
import { type Family, familyOf, parseIp } from '../net/ip.js';
import { difference, union } from '../netfilter/intervals.js';
import { address, allAddresses, network } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import type { Node } from '../snapshot/types.js';
import type { Packet } from './trace.js';

/** What is the machine's own on every machine. */
const LOOPBACK: Readonly<Record<Family, string>> = { IPv4: '127.0.0.0/8', IPv6: '::1/128' };

/**
 * The machine of host facts, else of its Node object, whose addresses are then taken for all that
 * it has. Without either only loopback is known, and every other address may be its own.
 */
export function machineOf(
  family: Family,
  host: HostFacts | undefined,
  node: Node | undefined,
): Machine {
  const texts =
    host === undefined
      ? (node?.status?.addresses ?? []).map((entry) => entry.address)
      : host.interfaces.flatMap((nic) => nic.addresses.map((text) => text.replace(/\/.*$/, '')));
  const own = texts
    .flatMap((text) => parseIp(text) ?? [])
    .filter((ip) => familyOf(ip) === family)
    .map(address);
  const loopback = parseCidr(LOOPBACK[family]);
  const local = union([...own, ...(loopback === undefined ? [] : [network(loopback)])]);
  const isKnown = host !== undefined || node !== undefined;
  return { family, local, remote: isKnown ? difference(allAddresses(family), local) : [] };
}

/** The machine, now that it is known whose the source of a packet is. */
export function meeting(
  { family, local, remote }: Machine,
  { source, start }: Pick<Packet, 'source' | 'start'>,
): Machine {
  const own = address(source);
  return start === 'output'
    ? { family, local: union([local, own]), remote: difference(remote, own) }
    : { family, local: difference(local, own), remote: union([remote, own]) };
}
