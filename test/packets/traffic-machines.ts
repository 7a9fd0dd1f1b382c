/**
 * The machines of the tests under load: a client, a node, and one machine that has the addresses of
 * all pods.
 */

import { type Namespace, openNamespace, sysctls, waitForLinks } from '../support/machines/netns.js';
import { openTraffic, type Traffic } from '../support/machines/traffic.js';
import { countPassage } from './passage.js';

const FORWARDING = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 };

/** What a test under load needs. */
export interface Machines {
  /** Where rules are loaded, and what passes is counted. */
  readonly node: Namespace;
  readonly clientSpace: Namespace;
  /** On any address of 10.61.0.0/16 and fd00:10:61::/64. */
  readonly servers: Traffic;
  readonly client: Traffic;
  readonly close: () => Promise<void>;
}

/**
 * A client and all pods, each a veth away from the node; the node knows no other way, so what is
 * let through fails at once.
 */
export async function openMachines(): Promise<Machines> {
  const spaces = await Promise.all(['node', 'client', 'pods'].map(openNamespace));
  const [node, clientSpace, pods] = spaces as [Namespace, Namespace, Namespace];
  await node.script(`${sysctls(FORWARDING)}
    ip link add name client type veth peer name eth0 netns ${clientSpace.pid}
    ip link add name pods type veth peer name eth0 netns ${pods.pid}
    ip link set client up
    ip link set pods up
    ip address add 172.30.0.1/24 dev client
    ip address add 172.31.0.1/24 dev pods
    ip address add fd00:172:30::1/64 dev client nodad
    ip address add fd00:172:31::1/64 dev pods nodad
    ip route add 10.61.0.0/16 via 172.31.0.2
    ip route add fd00:10:61::/64 via fd00:172:31::2`);
  await clientSpace.script(`
    echo 2000 65000 > /proc/sys/net/ipv4/ip_local_port_range
    ip link set eth0 up
    ip address add 172.30.0.2/24 dev eth0
    ip address add fd00:172:30::2/64 dev eth0 nodad
    ip route add default via 172.30.0.1
    ip route add default via fd00:172:30::1`);
  // Linux lets a program have any address of a local route in IPv4 only.
  await pods.script(`${sysctls({ 'net.ipv6.ip_nonlocal_bind': 1 })}
    ip link set eth0 up
    ip address add 172.31.0.2/24 dev eth0
    ip route add local 10.61.0.0/16 dev lo
    ip address add fd00:172:31::2/64 dev eth0 nodad
    ip route add local fd00:10:61::/64 dev lo
    ip route add default via 172.31.0.1
    ip route add default via fd00:172:31::1`);
  await Promise.all(spaces.map(waitForLinks));
  await countPassage(node, ['client', 'pods']);
  const [servers, client] = await Promise.all([openTraffic(pods), openTraffic(clientSpace)]);
  return {
    node,
    clientSpace,
    servers,
    client,
    close: async () => {
      await Promise.all([servers.close(), client.close()]);
      await Promise.all(spaces.map((space) => space.close()));
    },
  };
}
