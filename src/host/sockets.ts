/** The ports that programs of a machine listen on, as the kernel lists them in /proc/net. */

import { endianness } from 'node:os';
import type { ListeningPort } from '../config/types.js';
import { ipFromBigInt } from '../net/ip.js';
import type { Host } from './host.js';

/** TCP_LISTEN, and of UDP the sockets that are connected to nobody (TCP_CLOSE). */
const STATE = { TCP: '0A', UDP: '07' } as const;

const FILES = [
  ['TCP', '/proc/net/tcp'],
  ['TCP', '/proc/net/tcp6'],
  ['UDP', '/proc/net/udp'],
  ['UDP', '/proc/net/udp6'],
] as const;

/**
 * The ports, ordered by protocol, port and address; `undefined` where the kernel has no such lists.
 */
export async function listeningPorts(host: Host): Promise<readonly ListeningPort[] | undefined> {
  const lists = await Promise.all(
    FILES.map(async ([protocol, path]) => {
      const text = await host.readFile(path);
      return text === undefined ? undefined : socketsIn(text, protocol);
    }),
  );
  const found = lists.filter((list) => list !== undefined);
  if (found.length === 0) return undefined;
  const byText = new Map(found.flat().map((socket) => [textOf(socket), socket]));
  return [...byText.values()].sort((a, b) =>
    a.protocol === b.protocol
      ? a.port - b.port || (a.address < b.address ? -1 : 1)
      : a.protocol === 'TCP'
        ? -1
        : 1,
  );
}

function textOf({ protocol, address, port }: ListeningPort): string {
  return `${protocol} ${address} ${port}`;
}

/** The listening sockets of one list. */
export function socketsIn(
  text: string,
  protocol: 'TCP' | 'UDP',
  order: 'BE' | 'LE' = endianness(),
): readonly ListeningPort[] {
  const line =
    /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /gm;
  return [...text.matchAll(line)].flatMap(([, words = '', port = '', state]) =>
    state === STATE[protocol]
      ? [{ protocol, address: addressOf(words, order), port: Number.parseInt(port, 16) }]
      : [],
  );
}

/** The kernel prints the bytes of an address as numbers of 32 bits in the order of the machine. */
function addressOf(hex: string, order: 'BE' | 'LE'): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.map((word) =>
    order === 'BE' ? word : (word.match(/../g) ?? []).reverse().join(''),
  );
  return ipFromBigInt(BigInt(`0x${bytes.join('')}`), words.length === 1 ? 'IPv4' : 'IPv6');
}
