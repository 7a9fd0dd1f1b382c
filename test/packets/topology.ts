/**
 * The machines of the packet tests, each a network namespace:
 *
 *     pod-a ──┐
 *             node ──┐
 *     pod-b ──┘      │
 *                  switch ── client (outside the cluster, many addresses)
 *                    │   └── elsewhere (answers on every Service address itself)
 *     pod-remote ── node-2
 *
 * `elsewhere` is the node's default route: a packet to a Service that no rule translates, refuses
 * or drops is answered there, so that silence can only be the work of a rule.
 *
 * Pods hang on the node by routed veths (as with Calico or the ptp plugin), so that nothing depends
 * on bridge netfilter. The rules under test are in `node`; everybody else only routes.
 */

import { type Namespace, openNamespace, sysctls, waitForLinks } from '../support/machines/netns.js';
import { openStation, type Station } from '../support/machines/station.js';
import {
  type Addresses,
  addressIn,
  CLIENT_ADDRESSES,
  CLUSTER_CIDR,
  ELSEWHERE_IP,
  EXTERNAL_CIDR,
  LOAD_BALANCER_CIDR,
  NODE_IP,
  NODE_POD_SIDE,
  NODE_SECOND_IP,
  POD_CIDRS,
  PODS,
  type PodName,
  REMOTE_NODE_IP,
  REMOTE_POD_CIDRS,
  SERVICE_CIDR,
  SERVICE_PORT,
  SERVICES,
} from './addresses.js';

export type Machine = 'node' | 'client' | PodName;

export interface Topology {
  /** Where rules are loaded. */
  readonly node: Namespace;
  /** Who can send probes. */
  readonly stations: Readonly<Record<Machine, Station>>;
  readonly close: () => Promise<void>;
}

/** The gateway of `pod-remote`; nothing is ever masqueraded to it. */
const REMOTE_POD_SIDE: Addresses = { IPv4: '10.244.2.1', IPv6: 'fd00:244:2::1' };

/** Every address that a Service can have. */
const SERVICE_ADDRESSES: readonly string[] = [
  SERVICE_CIDR,
  LOAD_BALANCER_CIDR,
  EXTERNAL_CIDR,
].flatMap((network) =>
  Array.from({ length: SERVICES }, (_, i) => addressIn(network, i + 1)).flatMap(
    ({ IPv4, IPv6 }) => [IPv4, IPv6],
  ),
);

/** Builds all machines, waits until they can talk, and starts a station in each. */
export async function openTopology(): Promise<Topology> {
  const machines = await Promise.all([
    openNamespace('switch'),
    openNamespace('node'),
    openNamespace('node-2'),
    openNamespace('client'),
    openNamespace('elsewhere'),
    openNamespace('pod-a'),
    openNamespace('pod-b'),
    openNamespace('pod-remote'),
  ]);
  const [lan, node, remoteNode, client, elsewhere, podA, podB, podRemote] = machines;
  await lan.script(switchWith([node, remoteNode, client, elsewhere]));
  await Promise.all([
    node.script(
      [
        router([NODE_IP, NODE_SECOND_IP]),
        podLink('pod-a', podA, NODE_POD_SIDE),
        podLink('pod-b', podB, NODE_POD_SIDE),
        route(REMOTE_POD_CIDRS, REMOTE_NODE_IP),
        route({ IPv4: 'default', IPv6: 'default' }, ELSEWHERE_IP),
      ].join('\n'),
    ),
    remoteNode.script(
      [
        router([REMOTE_NODE_IP]),
        podLink('pod-remote', podRemote, REMOTE_POD_SIDE),
        route(POD_CIDRS, NODE_IP),
        // It has no rules of its own, so its pod asks Services through the node under test.
        route(SERVICE_CIDR, NODE_IP),
      ].join('\n'),
    ),
    client.script(
      [
        host(CLIENT_ADDRESSES),
        ...[SERVICE_CIDR, LOAD_BALANCER_CIDR, EXTERNAL_CIDR].map((network) =>
          route(network, NODE_IP),
        ),
        route(addressNetwork(NODE_SECOND_IP), NODE_IP),
      ].join('\n'),
    ),
    elsewhere.script(
      [
        host([ELSEWHERE_IP]),
        ...SERVICE_ADDRESSES.map((address) => `ip address add ${address} dev lo`),
        // Answers go back the way the packets came, or the node would see half of each connection.
        // It does see half of those that the client makes past it, to the address of the LAN;
        // nobody may tell them a shorter way.
        sysctls({ 'net.ipv6.conf.eth0.accept_redirects': 0 }),
        ...[CLUSTER_CIDR, ...CLIENT_ADDRESSES].map((network) => route(network, NODE_IP)),
      ].join('\n'),
    ),
  ]);
  await Promise.all([
    podA.script(pod('pod-a', NODE_POD_SIDE)),
    podB.script(pod('pod-b', NODE_POD_SIDE)),
    podRemote.script(pod('pod-remote', REMOTE_POD_SIDE)),
  ]);
  await Promise.all(machines.map(waitForLinks));
  const [nodeStation, clientStation, a, b, r, e] = await Promise.all([
    openStation(node),
    openStation(client),
    openStation(podA, 'pod-a'),
    openStation(podB, 'pod-b'),
    openStation(podRemote, 'pod-remote'),
    openStation(elsewhere, 'elsewhere', {
      addresses: [...SERVICE_ADDRESSES, ELSEWHERE_IP.IPv4, ELSEWHERE_IP.IPv6],
      port: SERVICE_PORT,
    }),
  ]);
  const stations = {
    node: nodeStation,
    client: clientStation,
    'pod-a': a,
    'pod-b': b,
    'pod-remote': r,
  };
  return {
    node,
    stations,
    close: async () => {
      await Promise.all([e, ...Object.values(stations)].map((station) => station.close()));
      await Promise.all(machines.map((namespace) => namespace.close()));
    },
  };
}

/** A bridge with one port per machine, whose other end is that machine's `eth0`. */
function switchWith(machines: readonly Namespace[]): string {
  const ports = machines.map(
    (machine, i) =>
      `ip link add name port${i} type veth peer name eth0 netns ${machine.pid}\n` +
      `ip link set port${i} master lan up`,
  );
  return [
    'ip link add name lan type bridge',
    sysctls({ 'net.bridge.bridge-nf-call-iptables': 0, 'net.bridge.bridge-nf-call-ip6tables': 0 }),
    'ip link set lan up',
    ...ports,
  ].join('\n');
}

/**
 * Puts the addresses on `eth0`, in the order given: the first is the one that the machine prefers.
 */
function host(addresses: readonly Addresses[]): string {
  return [
    'ip link set eth0 up',
    ...addresses.map(({ IPv4 }) => `ip address add ${IPv4}/24 dev eth0`),
    // IPv6 prefers the address added last.
    ...addresses.toReversed().map(({ IPv6 }) => `ip address add ${IPv6}/64 dev eth0 nodad`),
  ].join('\n');
}

/** Makes the machine forward, without redirects: a hairpin packet leaves where it came in. */
function router(addresses: readonly Addresses[]): string {
  return [
    sysctls({
      'net.ipv4.ip_forward': 1,
      'net.ipv6.conf.all.forwarding': 1,
      'net.ipv4.conf.all.send_redirects': 0,
      'net.ipv4.conf.default.send_redirects': 0,
      'net.ipv4.conf.all.rp_filter': 0,
      'net.ipv4.conf.default.rp_filter': 0,
    }),
    host(addresses),
  ].join('\n');
}

/** The router's end of the link to a pod; the other end is the pod's `eth0`. */
function podLink(name: PodName, pod: Namespace, gateway: Addresses): string {
  const link = `veth-${name}`;
  const own = PODS[name];
  return `
    ip link add name ${link} type veth peer name eth0 netns ${pod.pid}
    ip link set ${link} up
    ip address add ${gateway.IPv4}/32 dev ${link}
    ip address add ${gateway.IPv6}/128 dev ${link} nodad
    ip route add ${own.IPv4}/32 dev ${link} src ${gateway.IPv4}
    ip route add ${own.IPv6}/128 dev ${link}`;
}

/** The pod's end: one address, and everything else by the gateway. */
function pod(name: PodName, gateway: Addresses): string {
  const own = PODS[name];
  return `
    ip link set eth0 up
    ip address add ${own.IPv4}/32 dev eth0
    ip address add ${own.IPv6}/128 dev eth0 nodad
    ip route add ${gateway.IPv4}/32 dev eth0
    ip route add default via ${gateway.IPv4}
    ip route add ${gateway.IPv6}/128 dev eth0
    ip route add default via ${gateway.IPv6} dev eth0`;
}

/** Shell lines that send a network to the next router. */
function route(network: Addresses, next: Addresses): string {
  return `ip route add ${network.IPv4} via ${next.IPv4}
ip -6 route add ${network.IPv6} via ${next.IPv6}`;
}

/** The networks that an address of the outside stands in. */
function addressNetwork(address: Addresses): Addresses {
  return {
    IPv4: address.IPv4.replace(/\d+$/, '0/24'),
    IPv6: address.IPv6.replace(/[^:]*$/, '/64'),
  };
}
