/**
 * Facts of a machine that decide no rule, but whether rules do what they should: what `vipc lint`
 * looks at. Reads only, and changes nothing.
 */

import { endianness } from 'node:os';
import { LIBERAL_SYSCTL } from '../config/liberal-conntrack.js';
import { LAYOUT_MODULES, RULE_MODULES } from '../config/rule-modules.js';
import type { ListeningPort, PreflightFacts, RoutingMark } from '../config/types.js';
import { ipFromBigInt } from '../net/ip.js';
import { goodOutput, type Host } from './host.js';
import { missingModules } from './modules.js';
import { readSysctls } from './sysctls.js';

const ALL_MODULES: readonly string[] = [
  ...new Set([...RULE_MODULES.iptables, ...RULE_MODULES.nftables, ...LAYOUT_MODULES.fast]),
];
const PORT_RANGE = 'net.ipv4.ip_local_port_range';

/** Settings of the kernel that rules depend on, and what they do. */
const SYSCTLS: readonly string[] = [
  'net.ipv4.ip_forward',
  PORT_RANGE,
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv6.conf.all.forwarding',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
  LIBERAL_SYSCTL,
];

const RECENT_LIST_SIZE = '/sys/module/xt_recent/parameters/ip_list_tot';

/** The facts; what the machine does not show is absent. */
export async function collectPreflightFacts(host: Host): Promise<PreflightFacts> {
  const [sysctls, listening, nameservers, missing, tables, marks, recent] = await Promise.all([
    readSysctls(host, SYSCTLS),
    listeningPorts(host),
    readNameservers(host),
    missingModules(host, ALL_MODULES),
    readTables(host),
    readRoutingMarks(host),
    host.readFile(RECENT_LIST_SIZE),
  ]);
  const recentListSize = Number.parseInt(recent ?? '', 10);
  return {
    ...(Object.keys(sysctls).length === 0 ? {} : { sysctls }),
    ...(listening === undefined ? {} : { listening: withoutClients(listening, sysctls) }),
    ...(nameservers === undefined ? {} : { nameservers }),
    ...(missing === undefined ? {} : { missingModules: missing }),
    ...(Object.keys(tables).length === 0 ? {} : { tables }),
    ...(marks === undefined ? {} : { routingMarks: marks }),
    ...(recentListSize > 0 ? { recentListSize } : {}),
  };
}

/** Sockets of UDP in the range that the kernel gives out are of clients, and short-lived. */
function withoutClients(
  sockets: readonly ListeningPort[],
  sysctls: NonNullable<PreflightFacts['sysctls']>,
): readonly ListeningPort[] {
  const [first = 0, last = 0] = (sysctls[PORT_RANGE] ?? '').split(' ').map(Number);
  return sockets.filter(({ protocol, port }) => protocol === 'TCP' || port < first || port > last);
}

async function readNameservers(host: Host): Promise<readonly string[] | undefined> {
  const text = await host.readFile('/etc/resolv.conf');
  if (text === undefined) return undefined;
  return [...text.matchAll(/^nameserver[ \t]+(\S+)/gm)].map(([, address = '']) => address);
}

/**
 * The tables of iptables-legacy, which the kernel names in files, and those of nft, iptables-nft
 * among them. Nothing is asked that would make a table.
 */
async function readTables(host: Host): Promise<NonNullable<PreflightFacts['tables']>> {
  const [v4, v6, nft] = await Promise.all([
    host.readFile('/proc/net/ip_tables_names'),
    host.readFile('/proc/net/ip6_tables_names'),
    host.run({ command: 'nft', args: ['list', 'tables'] }),
  ]);
  const named = (family: string, text = ''): readonly string[] =>
    [...text.matchAll(/^\w+$/gm)].map(([name]) => `${family} ${name}`);
  const listed = goodOutput(nft);
  return {
    ...(v4 === undefined && v6 === undefined
      ? {}
      : { legacy: [...named('ip', v4), ...named('ip6', v6)].sort() }),
    ...(listed === undefined
      ? {}
      : { nft: [...listed.matchAll(/^table (\w+ \S+)/gm)].map(([, name = '']) => name).sort() }),
  };
}

async function readRoutingMarks(host: Host): Promise<readonly RoutingMark[] | undefined> {
  const outputs = await Promise.all(
    ['-4', '-6'].map(async (family) =>
      goodOutput(await host.run({ command: 'ip', args: [family, 'rule', 'show'] })),
    ),
  );
  const texts = outputs.filter((output) => output !== undefined);
  if (texts.length === 0) return undefined;
  const marks = new Map(texts.flatMap(marksIn).map((mark) => [JSON.stringify(mark), mark]));
  return [...marks.values()];
}

/** Rules such as `100:	from all fwmark 0xca6c/0xffff lookup 51820`. */
function marksIn(text: string): readonly RoutingMark[] {
  const line = /^\d+:\s.*?\bfwmark (0x[0-9a-f]{1,8})(?:\/(0x[0-9a-f]{1,8}))?\b.*$/gm;
  return [...text.matchAll(line)].map(([rule, mark = '', mask = '0xffffffff']) => ({
    mark,
    mask,
    rule: rule.trim().replace(/\s+/g, ' '),
  }));
}

/** TCP_LISTEN, and of UDP the sockets that are not connected (TCP_CLOSE). */
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
async function listeningPorts(host: Host): Promise<readonly ListeningPort[] | undefined> {
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
