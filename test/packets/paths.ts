/**
 * Packets to the Services of a case, and where a trace and the kernel disagree about the rules on
 * their way.
 */

import type { TraceStep } from '../../src/explain/path.js';
import type { Packet, Trace } from '../../src/explain/trace.js';
import { type Family, type HostFacts, parseIp } from '../../src/index.js';
import type { ServicePort } from '../../src/model/types.js';
import type { Ip } from '../../src/net/ip.js';
import type { PathStep } from '../../src/netfilter/flow.js';
import type { Program } from '../../src/netfilter/program.js';
import type { Arrival } from '../../src/netfilter/route.js';
import type { KernelPath, MatchedRule } from '../support/machines/path-watchers.js';

/** An address that no case gives to anything. */
const STRANGERS: Readonly<Record<Family, string>> = {
  IPv4: '203.0.113.77',
  IPv6: '2001:db8:77::7',
};

/** The addresses of a family that a link of the node may have, `10.0.0.1/24`. */
export function linkAddresses(family: Family, { interfaces }: HostFacts): readonly string[] {
  return interfaces
    .flatMap(({ addresses }) => addresses)
    .filter((text) => text.includes(':') === (family === 'IPv6'))
    .filter((text) => !text.startsWith('127.') && !text.startsWith('::1/'));
}

/** A packet to a Service port. */
interface ServicePacket {
  readonly port: ServicePort;
  readonly packet: Packet;
}

/**
 * Every packet worth asking about: to each address of each Service port, from whoever may send it.
 */
export function servicePackets(
  ports: readonly ServicePort[],
  family: Family,
  host: HostFacts,
): readonly ServicePacket[] {
  const own = linkAddresses(family, host).flatMap(
    (text) => parseIp(text.replace(/\/.*/, '')) ?? [],
  );
  const stranger = parseIp(STRANGERS[family]);
  const endpoints = new Set(ports.flatMap(({ pools }) => pools.reachable.map(({ ip }) => ip)));
  return ports
    .filter(({ protocol }) => protocol !== 'SCTP')
    .flatMap((port) => {
      const others = [stranger, ...port.pools.reachable.map(({ ip }) => ip)].filter(
        (ip): ip is Ip => ip !== undefined && !own.includes(ip),
      );
      return targetsOf(port, own)
        .filter(([ip]) => !endpoints.has(ip))
        .flatMap(([destination, number]) => {
          const to = { destination, protocol: port.protocol.toLowerCase(), port: number };
          // The node asks its own addresses from themselves.
          const senders = own.includes(destination) ? [destination] : own;
          return [
            ...others.map((source) => ({
              port,
              packet: { ...to, source, start: 'prerouting' as const, inInterface: 'eth0' },
            })),
            ...senders.map((source) => ({
              port,
              packet: { ...to, source, start: 'output' as const, inInterface: undefined },
            })),
          ];
        });
    });
}

function targetsOf(
  { clusterIp, externalIps, loadBalancerIps, port, nodePort }: ServicePort,
  own: readonly Ip[],
): readonly (readonly [Ip, number])[] {
  const service = [clusterIp, ...externalIps, ...loadBalancerIps].flatMap(
    (text) => parseIp(text) ?? [],
  );
  return [
    ...service.map((ip) => [ip, port] as const),
    ...(nodePort === 0 ? [] : own.map((ip) => [ip, nodePort] as const)),
  ];
}

/**
 * Of packets whose Service remembers clients, one of each client: the kernel remembers it from then
 * on.
 */
export function withoutRemembered(packets: readonly ServicePacket[]): readonly Packet[] {
  const remembered = new Set<string>();
  const kept: Packet[] = [];
  for (const { port, packet } of packets) {
    const client = `${packet.source} ${port.id} ${port.protocol}`;
    if (port.affinitySeconds > 0 && remembered.has(client)) continue;
    remembered.add(client);
    kept.push(packet);
  }
  return kept;
}

/** What is said of a packet: every path that it can take, and the text for people. */
export interface Said {
  readonly program: Program;
  readonly arrivals: readonly Arrival[];
  readonly trace: Trace;
}

/** Where that disagrees with the kernel, in words. */
export function pathDifferences(
  { program, arrivals, trace }: Said,
  { rules, verdict }: KernelPath,
): readonly string[] {
  const traced = rules.map((rule) => textAt(rule, program));
  const ways = arrivals.map(wayOf);
  const onWays = new Set(ways.flat());
  const matched = new Set(trace.met.filter(({ reason }) => reason === '').map(textOf));
  // Rules that only count are on no way.
  const acting = traced.filter((rule) => onWays.has(rule) || !matched.has(rule));
  const taken = arrivals.filter((_, i) => isSame(ways[i] ?? [], acting, verdict));
  const shown = trace.outcomes.filter(({ path }) =>
    isPartOf(path.filter(({ line }) => !isPolicy(line)).map(textOf), traced, verdict),
  );
  const isOne = arrivals.length === 1;
  return [
    ...traced.filter((rule) => !matched.has(rule)).map((rule) => `not in the trace: ${rule}`),
    ...[...matched]
      .filter((rule) => isOne && !traced.includes(rule) && !isPolicy(rule.replace(/^.*?: /, '')))
      .map((rule) => `in the trace alone: ${rule}`),
    ...(taken.some(({ ending }) => endsAs(ending.kind, verdict))
      ? []
      : [`no way is that of the kernel, ${verdict}:`, ...traced, 'but', ...ways.flat()]),
    ...(shown.some(({ ending }) => endsAs(ending.kind, verdict))
      ? []
      : [`no outcome is that of the kernel, ${verdict}:`, ...traced]),
  ];
}

/** The kernel calls what a REJECT does a drop. */
function endsAs(ending: string, verdict: string | undefined): boolean {
  return verdict === undefined || (ending === 'accept') === (verdict === 'accept');
}

function isSame(
  way: readonly string[],
  traced: readonly string[],
  verdict: string | undefined,
): boolean {
  const [a, b] = verdict === undefined ? [way.toSorted(), traced.toSorted()] : [way, traced];
  return a.join('\n') === b.join('\n');
}

function isPartOf(
  path: readonly string[],
  traced: readonly string[],
  verdict: string | undefined,
): boolean {
  if (verdict === undefined) return path.every((rule) => traced.includes(rule));
  let from = 0;
  return path.every((rule) => {
    from = traced.indexOf(rule, from) + 1;
    return from > 0;
  });
}

function wayOf({ flow }: Arrival): readonly string[] {
  const way: string[] = [];
  for (let step: PathStep | undefined = flow.path; step !== undefined; step = step.before)
    way.push(textOf({ table: step.chain.table, chain: step.chain.name, line: step.rule.line }));
  return way.reverse();
}

/** Tables of iptables have no family in their name. */
function textAt({ table, chain: name, position }: MatchedRule, { tables }: Program): string {
  const short = table.replace(/^\S+ /, '');
  const chain = (tables.get(table) ?? tables.get(short))?.get(name);
  const line = chain?.rules[position]?.line;
  if (chain === undefined || line === undefined)
    throw new Error(`the program has no rule ${position} of ${table} ${name}`);
  return textOf({ table: chain.table, chain: name, line });
}

function textOf({ table, chain, line }: TraceStep): string {
  return `${table} ${chain}: ${line}`;
}

function isPolicy(line: string): boolean {
  return /^(?:Chain|add chain) /.test(line);
}
