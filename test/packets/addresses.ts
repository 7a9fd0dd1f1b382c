/**
 * Every address of the packet tests in one place, so that a table of expectations can be read
 * against it.
 */

import type { Family } from '../../src/index.js';

export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** The same address in both families. */
export type Addresses = Readonly<Record<Family, string>>;

export type PodName = 'pod-a' | 'pod-b' | 'pod-remote';
/** Who can answer: a pod, or the machine outside that has every Service address for itself. */
export type Answerer = PodName | 'elsewhere';
export const POD_NAMES: readonly PodName[] = ['pod-a', 'pod-b', 'pod-remote'];

/** Name of the node whose rules are tested, and of the one behind which `pod-remote` lives. */
export const NODE = 'node-1';
export const REMOTE_NODE = 'node-2';

/** Where pods run: `pod-a` and `pod-b` on the node under test. */
export const PODS: Readonly<Record<PodName, Addresses & { readonly node: string }>> = {
  'pod-a': { node: NODE, IPv4: '10.244.1.11', IPv6: 'fd00:244:1::11' },
  'pod-b': { node: NODE, IPv4: '10.244.1.12', IPv6: 'fd00:244:1::12' },
  'pod-remote': { node: REMOTE_NODE, IPv4: '10.244.2.11', IPv6: 'fd00:244:2::11' },
};

/**
 * The node as its pods see it: gateway of each, and the source of what is masqueraded towards them.
 */
export const NODE_POD_SIDE: Addresses = { IPv4: '10.244.1.1', IPv6: 'fd00:244:1::1' };
/** The node on the network outside: its InternalIP. */
export const NODE_IP: Addresses = { IPv4: '192.168.7.10', IPv6: 'fd00:192:7::10' };
/** A second address of the node, which `nodePortAddresses` may leave out. */
export const NODE_SECOND_IP: Addresses = { IPv4: '192.168.8.10', IPv6: 'fd00:192:8::10' };
export const REMOTE_NODE_IP: Addresses = { IPv4: '192.168.7.20', IPv6: 'fd00:192:7::20' };
/** Where the node sends what it has no route for. */
export const ELSEWHERE_IP: Addresses = { IPv4: '192.168.7.30', IPv6: 'fd00:192:7::30' };
export const LOOPBACK: Addresses = { IPv4: '127.0.0.1', IPv6: '::1' };

/** The client outside has many addresses, each of them a client of its own to the node. */
export const CLIENT_ADDRESSES: readonly Addresses[] = Array.from({ length: 12 }, (_, i) => ({
  IPv4: `192.168.7.${50 + i}`,
  IPv6: `fd00:192:7::${50 + i}`,
}));

export const POD_CIDRS: Addresses = { IPv4: '10.244.1.0/24', IPv6: 'fd00:244:1::/64' };
export const REMOTE_POD_CIDRS: Addresses = { IPv4: '10.244.2.0/24', IPv6: 'fd00:244:2::/64' };
export const CLUSTER_CIDR: Addresses = { IPv4: '10.244.0.0/16', IPv6: 'fd00:244::/32' };
export const SERVICE_CIDR: Addresses = { IPv4: '10.96.0.0/16', IPv6: 'fd00:96::/112' };
/** Networks that the outside routes to the node, as a load balancer would. */
export const LOAD_BALANCER_CIDR: Addresses = { IPv4: '203.0.113.0/24', IPv6: '2001:db8:113::/64' };
export const EXTERNAL_CIDR: Addresses = { IPv4: '198.51.100.0/24', IPv6: '2001:db8:51::/64' };

/** Port of every Service. */
export const SERVICE_PORT = 80;
/** How many Services a scenario can have. */
export const SERVICES = 9;

/** The n-th address of one of the networks above. */
export function addressIn(network: Addresses, n: number): Addresses {
  return {
    IPv4: network.IPv4.replace(/\d+\/\d+$/, String(n)),
    IPv6: network.IPv6.replace(/\/\d+$/, n.toString(16)),
  };
}
