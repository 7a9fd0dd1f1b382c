/**
 * Reads from the kernel which rules a packet matches: `nft monitor trace`, which also shows those
 * of iptables-nft; `xtables-monitor --trace` with the TRACE target; and the counters of
 * iptables-legacy, since no tool reads its TRACE in a namespace.
 */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Packet } from '../../../src/explain/trace.js';
import { type Family, familyOf } from '../../../src/net/ip.js';
import { until } from '../until.js';
import type { Namespace } from './netns.js';
import type { PathNode } from './path-node.js';

/** A rule by its position in its chain; table as `ip nat` where nft prints it, else `nat`. */
export interface MatchedRule {
  readonly table: string;
  readonly chain: string;
  readonly position: number;
}

/** The rules that a packet matched. */
export interface KernelPath {
  readonly rules: readonly MatchedRule[];
  /**
   * The last verdict of the kernel, `accept` or `drop`; `undefined`: neither it nor the order is
   * known.
   */
  readonly verdict: string | undefined;
}

interface Watcher {
  /** Sends a packet, one of those that it was opened for. */
  readonly follow: (packet: Packet) => Promise<KernelPath>;
  readonly close: () => Promise<void>;
}

export type WatcherName = 'nft' | 'xtables' | 'counters';

/** Commands that must be installed. */
export const WATCHER_TOOLS: Readonly<Record<WatcherName, readonly string[]>> = {
  nft: ['nft', 'stdbuf', 'bash'],
  xtables: ['xtables-monitor', 'iptables-nft', 'nft', 'stdbuf', 'bash'],
  counters: ['iptables-legacy-restore', 'ip6tables-legacy-restore', 'bash'],
};

/** Prepares a node whose rules are loaded to report these packets. */
export function openWatcher(
  name: WatcherName,
  node: PathNode,
  family: Family,
  packets: readonly Packet[],
): Promise<Watcher> {
  return name === 'counters'
    ? openCounters(node, family, packets)
    : openMonitor(name, node, packets);
}

/** The table, before any other rule, in which packets are marked for tracing. */
const MARKS = 'vipc-path';
/** A packet to this address shows that all packets before have been reported. */
const LAST = '127.0.0.99';

async function openMonitor(
  name: 'nft' | 'xtables',
  node: PathNode,
  packets: readonly Packet[],
): Promise<Watcher> {
  const { namespace } = node;
  const positions = await positionsOf(namespace);
  await (name === 'nft'
    ? namespace.run('nft', ['-f', '-'], nftMarks(packets))
    : namespace.run('iptables-nft-restore', ['--noflush'], xtablesMarks(packets)));
  const words = name === 'nft' ? ['nft', '-a', 'monitor', 'trace'] : ['xtables-monitor', '--trace'];
  const child = spawn('nsenter', ['-t', `${namespace.pid}`, '-n', 'stdbuf', '-oL', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: namespace.env,
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const seen = (): string => lines.slice(-9).join('\n');
  let port = 20_000;
  // More than one would fill the kernel's buffer.
  const allReported = (again = Number.POSITIVE_INFINITY): Promise<void> => {
    port += 1;
    const last = new RegExp(`udp dport ${port} |DPORT=${port} `);
    let looks = 0;
    return until(() => {
      if (looks % again === 0) node.shell.write(`echo > /dev/udp/${LAST}/${port}`);
      looks += 1;
      return lines.some((line) => last.test(line));
    }, seen);
  };
  // What is sent before it listens is not reported.
  await allReported(50);
  return {
    follow: async (packet) => {
      const from = lines.length;
      const stop = node.send(packet);
      await until(() => eventsOf(lines, from).some(isMark), seen);
      stop();
      await allReported();
      return pathOf(eventsOf(lines, from), positions);
    },
    close: async () => {
      child.kill();
      await ended;
    },
  };
}

function nftMarks(packets: readonly Packet[]): string {
  const rules = packets.map(({ source, destination, protocol, port, start }) => {
    const ip = familyOf(source) === 'IPv4' ? 'ip' : 'ip6';
    const about = `${ip} saddr ${source} ${ip} daddr ${destination} ${protocol} dport ${port}`;
    return `add rule inet ${MARKS} ${start} ${about} meta nftrace set 1`;
  });
  return [
    `add table inet ${MARKS}`,
    ...['prerouting', 'output'].map(
      (hook) => `add chain inet ${MARKS} ${hook} { type filter hook ${hook} priority -500 ; }`,
    ),
    ...rules,
    `add rule inet ${MARKS} output ip daddr ${LAST} meta nftrace set 1`,
    '',
  ].join('\n');
}

function xtablesMarks(packets: readonly Packet[]): string {
  return rawTable([
    ...packets.map((packet) => `${tupleOf(packet)} -j TRACE`),
    `-A OUTPUT -d ${LAST}/32 -j TRACE`,
  ]);
}

function tupleOf({ source, destination, protocol, port, start }: Packet): string {
  const chain = start.toUpperCase();
  return `-A ${chain} -s ${source} -d ${destination} -p ${protocol} -m ${protocol} --dport ${port}`;
}

function rawTable(rules: readonly string[]): string {
  return ['*raw', ...rules, 'COMMIT', ''].join('\n');
}

/** The position of each rule, by `TABLE CHAIN HANDLE`. */
async function positionsOf(node: Namespace): Promise<ReadonlyMap<string, number>> {
  const text = await node.run('nft', ['-a', '-j', 'list', 'ruleset']);
  const listing = JSON.parse(text) as { readonly nftables: readonly { rule?: ListedRule }[] };
  const counts = new Map<string, number>();
  const positions = new Map<string, number>();
  for (const { rule } of listing.nftables) {
    if (rule === undefined) continue;
    const chain = `${rule.family} ${rule.table} ${rule.chain}`;
    const position = counts.get(chain) ?? 0;
    counts.set(chain, position + 1);
    positions.set(`${chain} ${rule.handle}`, position);
  }
  return positions;
}

interface ListedRule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number;
}

/** One thing that is told of a packet. */
interface Event {
  readonly packet: string;
  readonly table: string;
  readonly chain: string;
  /** 0: the policy of the chain. */
  readonly handle: number;
  readonly verdict: string;
}

const NFT_EVENT =
  /^trace id (\S+) (\S+ \S+) (\S+) (?:rule .*# handle (\d+) \(verdict (\S+)[^)]*\)|policy (\S+)) ?$/;
/** It prints the verdict return as a number. */
const XTABLES_EVENT = /^ TRACE: (\d+) (\S+) (\S+):(\S+):(?:rule:0x([0-9a-f]+)|policy):(\w+)/;
/** As in linux/netfilter.h. */
const FAMILIES: Readonly<Record<string, string>> = { '2': 'ip', '10': 'ip6' };

function eventOf(line: string): Event | undefined {
  const nft = NFT_EVENT.exec(line);
  if (nft !== null) {
    const [, packet = '', table = '', chain = '', handle = '0', verdict, policy = ''] = nft;
    return { packet, table, chain, handle: Number(handle), verdict: verdict ?? policy };
  }
  const xtables = XTABLES_EVENT.exec(line);
  if (xtables === null) return undefined;
  const [, family = '', packet = '', name = '', chain = '', handle = '0', verdict = ''] = xtables;
  return {
    packet,
    table: `${FAMILIES[family]} ${name}`,
    chain,
    handle: Number.parseInt(handle, 16),
    verdict: verdict.toLowerCase(),
  };
}

/** A line that shows a packet to {@link LAST}. */
const TO_LAST = /^(?:trace id|PACKET: \d+) (\S+) .*(?:ip daddr |DST=)127\.0\.0\.99 /;

function eventsOf(lines: readonly string[], from: number): readonly Event[] {
  const others = new Set(lines.flatMap((line) => TO_LAST.exec(line)?.slice(1) ?? []));
  const events = lines.slice(from).flatMap((line) => eventOf(line) ?? []);
  return events.filter(({ packet }) => !others.has(packet));
}

/** Whether a packet is marked to be told of. */
function isMark({ table, handle }: Event): boolean {
  return isMarking(table) && handle !== 0;
}

function isMarking(table: string): boolean {
  return table === `inet ${MARKS}` || / raw$/.test(table);
}

/** What was told of the first packet, until it is sent once more. */
function pathOf(events: readonly Event[], positions: ReadonlyMap<string, number>): KernelPath {
  const again = events.findIndex(
    (event, i) => isMark(event) && events.slice(0, i).some((one) => isMark(one)),
  );
  const told = again < 0 ? events : events.slice(0, again);
  const rules = told.flatMap(({ table, chain, handle }) => {
    if (handle === 0 || isMarking(table)) return [];
    const position = positions.get(`${table} ${chain} ${handle}`);
    if (position === undefined) throw new Error(`no rule ${handle} of ${table} ${chain}`);
    return [{ table, chain, position }];
  });
  return { rules, verdict: told.at(-1)?.verdict ?? '' };
}

/**
 * Rules count packets. Nothing but the packets of the test and what they become may pass: others
 * would be counted too.
 */
async function openCounters(
  node: PathNode,
  family: Family,
  packets: readonly Packet[],
): Promise<Watcher> {
  const { namespace } = node;
  const tool = family === 'IPv4' ? 'iptables-legacy' : 'ip6tables-legacy';
  const read = async (): Promise<readonly Count[]> =>
    countsOf(await namespace.run(`${tool}-save`, ['-c']));
  await namespace.run(
    `${tool}-restore`,
    ['--noflush'],
    rawTable([
      ...packets.map((packet) => `${tupleOf(packet)} -m quota --quota ${ONE_PACKET} -j ACCEPT`),
      '-A PREROUTING ! -i lo -j DROP',
      '-A OUTPUT -j DROP',
    ]),
  );
  return {
    follow: async (packet) => {
      const before = new Map((await read()).map((count) => [keyOf(count), count.packets]));
      const matched = async (): Promise<readonly Count[]> =>
        (await read()).filter((count) => count.packets > (before.get(keyOf(count)) ?? 0));
      const stop = node.send(packet);
      await until(async () => (await matched()).some(isSent));
      stop();
      // What was counted while the tables were read one after the other is not whole.
      const rules = (await matched()).flatMap((count) =>
        Array.from({ length: count.packets - (before.get(keyOf(count)) ?? 0) }, () => count),
      );
      return { rules: rules.filter(({ table }) => table !== 'raw'), verdict: undefined };
    },
    close: async () => {},
  };
}

/** Bytes of a quota that one packet of the test fits into, and no second one of a connection. */
const ONE_PACKET = 100;

function isSent({ table, line }: Count): boolean {
  return table === 'raw' && line.includes('-m quota');
}

interface Count extends MatchedRule {
  readonly packets: number;
  readonly line: string;
}

function keyOf({ table, chain, position }: MatchedRule): string {
  return `${table} ${chain} ${position}`;
}

function countsOf(saved: string): readonly Count[] {
  const counts: Count[] = [];
  const lengths = new Map<string, number>();
  let table = '';
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [, packets, chain] = /^\[(\d+):\d+\] -A (\S+)/.exec(line) ?? [];
    if (chain === undefined) continue;
    const key = `${table} ${chain}`;
    const position = lengths.get(key) ?? 0;
    lengths.set(key, position + 1);
    counts.push({ table, chain, position, packets: Number(packets), line });
  }
  return counts;
}
