/** A node that packets of any source reach, and that sends packets itself. */

import { spawn } from 'node:child_process';
import type { Packet } from '../../../src/explain/trace.js';
import { type Family, familyOf } from '../../../src/net/ip.js';
import { type Namespace, openNamespace, sysctls, waitForLinks } from './netns.js';

/** A shell inside a namespace that runs what it gets, line by line. */
export interface Shell {
  readonly write: (line: string) => void;
  readonly close: () => Promise<void>;
}

export interface PathNode {
  readonly namespace: Namespace;
  readonly shell: Shell;
  /** Starts to send a packet; the result stops what sends it, which may wait for an answer. */
  readonly send: (packet: Packet) => () => void;
  readonly close: () => Promise<void>;
}

/** Who stands behind each link, on both of its ends. */
const NEXT: Readonly<Record<Family, string>> = {
  IPv4: '10.255.255.254',
  IPv6: 'fd00:ffff::fffe',
};

/** A node with these addresses, `10.0.0.1/24`, on eth0; the sources are addresses behind eth0. */
export async function openPathNode(
  name: string,
  addresses: readonly string[],
  sources: readonly string[],
): Promise<PathNode> {
  const node = await openNamespace(name);
  const peer = await openNamespace(`${name}-peer`);
  await node.script(`
    ${sysctls({
      'net.ipv4.ip_forward': 1,
      'net.ipv6.conf.all.forwarding': 1,
      'net.ipv4.conf.all.rp_filter': 0,
      'net.ipv4.conf.default.rp_filter': 0,
    })}
    ip link add eth0 type veth peer name out netns ${peer.pid}
    ip link set eth0 up
    ${added(addresses, 'eth0')}`);
  await peer.script(`ip link set out up\n${added(sources.map(alone), 'out')}`);
  await waitForLinks(peer);
  await waitForLinks(node);
  const [nodeLink, peerLink] = [await hardwareOf(node, 'eth0'), await hardwareOf(peer, 'out')];
  for (const next of Object.values(NEXT)) {
    await peer.script(`ip neigh replace ${next} lladdr ${nodeLink} dev out nud permanent`);
    await node.script(`
      ip neigh replace ${next} lladdr ${peerLink} dev eth0 nud permanent
      ip route replace default via ${next} dev eth0 onlink`);
  }
  const own = new Set(addresses.map((text) => text.replace(/\/.*/, '')));
  const [shell, peerShell] = [openShell(node), openShell(peer)];
  return {
    namespace: node,
    shell,
    send: (packet) => {
      const isOwn = packet.start === 'output';
      const [from, link] = isOwn ? ([shell, 'eth0'] as const) : ([peerShell, 'out'] as const);
      if (!isOwn || !own.has(packet.destination)) from.write(routed(packet, link));
      from.write(`{ ${sent(packet)}; } &`);
      return () => from.write('kill -9 $!; wait $!');
    },
    close: async () => {
      await shell.close();
      await peerShell.close();
      await peer.close();
      await node.close();
    },
  };
}

function added(addresses: readonly string[], link: string): string {
  return addresses.map((address) => `ip address replace ${address} dev ${link}`).join('\n');
}

function alone(ip: string): string {
  return `${ip}/${ip.includes(':') ? 128 : 32}`;
}

/** Of `ip link`: /sys shows the devices of another namespace. */
async function hardwareOf(place: Namespace, link: string): Promise<string> {
  const text = await place.run('ip', ['-o', 'link', 'show', link]);
  const [, address] = /link\/ether (\S+)/.exec(text) ?? [];
  if (address === undefined) throw new Error(`${link} has no hardware address: ${text}`);
  return address;
}

/** A route that has the sender choose the source of the packet. */
function routed({ source, destination }: Packet, link: string): string {
  const next = NEXT[familyOf(source)];
  return `ip route replace ${alone(destination)} via ${next} dev ${link} onlink src ${source}`;
}

function sent({ destination, protocol, port }: Packet): string {
  return `exec 3<>/dev/${protocol}/${destination}/${port} && echo >&3`;
}

function openShell({ pid, env }: Namespace): Shell {
  const child = spawn('nsenter', ['-t', String(pid), '-n', 'bash'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    write: (line) => child.stdin.write(`${line}\n`),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
