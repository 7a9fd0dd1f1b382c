/**
 * The Service ports behind the rules of a machine, derived from what the rules do with packets: for
 * questions about a node whose objects are not at hand.
 */

import { addTo } from '../grouping.js';
import { compareText } from '../model/order.js';
import type { Endpoint, Pools, Protocol, ServicePort } from '../model/types.js';
import { type Cidr, hostCidr } from '../net/cidr.js';
import { networksBetween } from '../net/cidr-set.js';
import { type Family, type Ip, joinHostPort } from '../net/ip.js';
import { difference, type Intervals, pairs, union } from '../netfilter/intervals.js';
import { address, addressAt, numbers, type Region, word } from '../netfilter/region.js';
import type { Arrival, Router } from '../netfilter/route.js';
import type { RuleFrontend } from './rule-questions.js';
import type { Sender } from './senders.js';

/** The rules, and what is known about their machine. */
export interface Recovery {
  readonly family: Family;
  readonly router: Router;
  readonly frontends: readonly RuleFrontend[];
  readonly clusterIps: ReadonlySet<Ip>;
  readonly senders: readonly Sender[];
  /** An address of the machine that accepts node ports; `undefined`: none is known. */
  readonly nodeIp: Ip | undefined;
}

/** What one sender meets at one frontend. */
interface Answer {
  readonly endpoints: readonly Endpoint[];
  readonly isMasqueraded: boolean;
  readonly isDropped: boolean;
}

/**
 * The Service ports, in the order of their names. Which node an endpoint is on, and whether a
 * Service with one pool has policy Local, no rule says: all endpoints are taken for local ones.
 */
export function recoveredPorts(recovery: Recovery): readonly ServicePort[] {
  const byOrigin = new Map<string, [RuleFrontend, ...RuleFrontend[]]>();
  for (const frontend of recovery.frontends) {
    const { ip, port, protocol, origin } = frontend;
    const key = origin || `${ip === '' ? port : joinHostPort(ip, port)} ${protocol.toUpperCase()}`;
    addTo(byOrigin, key, frontend);
  }
  const seen = new Set<string>();
  return [...byOrigin]
    .sort(([a], [b]) => compareText(a, b))
    .map(([origin, frontends]) => {
      const port = portOf(origin, frontends, recovery);
      const first = !seen.has(port.service);
      seen.add(port.service);
      return { ...port, first };
    });
}

function portOf(
  origin: string,
  frontends: readonly [RuleFrontend, ...RuleFrontend[]],
  recovery: Recovery,
): ServicePort {
  const { family, clusterIps } = recovery;
  const [id = ''] = origin.split(' ');
  const { service, portName } = partsOf(id);
  const protocol = frontends[0].protocol.toUpperCase() as Protocol;
  const isInternal = ({ ip }: RuleFrontend): boolean => ip !== '' && clusterIps.has(ip);
  const internal = frontends.find(isInternal);
  const external = frontends.filter((one) => !isInternal(one));
  const addresses = external.flatMap((one) =>
    one.ip === '' ? [] : [{ ip: one.ip, ranges: sourceRanges(one, one.ip, recovery) }],
  );
  const guarded = addresses.filter(({ ranges }) => ranges.length > 0);
  const open = addresses.filter(({ ranges }) => ranges.length === 0);
  const policies = policiesOf(internal, external, recovery);
  return {
    ...{ family, service, portName, protocol, id, origin: `${id} ${protocol}`, first: false },
    port: internal?.port ?? external.find(({ ip }) => ip !== '')?.port ?? frontends[0].port,
    clusterIp: internal?.ip ?? '',
    externalIps: open.map(({ ip }) => ip),
    loadBalancerIps: guarded.map(({ ip }) => ip),
    sourceRanges: guarded[0]?.ranges ?? [],
    nodePort: external.find(({ ip }) => ip === '')?.port ?? 0,
    healthCheckNodePort: 0,
    externallyAccessible: external.length > 0,
    affinitySeconds: affinityOf(internal ?? frontends[0], recovery),
    ...policies,
    endpointCount: policies.pools.reachable.length,
  };
}

/** `shop/web:http` and `[fd00::1]:80` at their last colon, outside of brackets. */
function partsOf(id: string): Pick<ServicePort, 'service' | 'portName'> {
  const { service = '', portName = '' } =
    /^(?<service>\[.*\]|[^:]*)(?::(?<portName>.*))?$/.exec(id)?.groups ?? {};
  return { service, portName };
}

function policiesOf(
  internal: RuleFrontend | undefined,
  external: readonly RuleFrontend[],
  recovery: Recovery,
): Pick<ServicePort, 'internalPolicyLocal' | 'externalPolicyLocal' | 'pools'> {
  const node = recovery.senders.find(({ isNode }) => isNode);
  const others = recovery.senders.find(({ isNode, isPod }) => !isNode && !isPod);
  const inside = answerOf(internal === undefined ? [] : [internal], node, recovery);
  const own = answerOf(external, node, recovery);
  const outside = answerOf(external, others, recovery);
  const externalPolicyLocal =
    outside.endpoints.length > 0
      ? !outside.isMasqueraded
      : outside.isDropped && own.endpoints.length > 0;
  const isOtherPool = own.endpoints.length > 0 && !sameEndpoints(own.endpoints, inside.endpoints);
  const internalPolicyLocal = inside.isDropped || (internal !== undefined && isOtherPool);
  const cluster = own.endpoints.length > 0 ? own.endpoints : inside.endpoints;
  const local = externalPolicyLocal
    ? outside.endpoints
    : internalPolicyLocal
      ? inside.endpoints
      : [];
  return { internalPolicyLocal, externalPolicyLocal, pools: poolsOf(cluster, local, inside) };
}

/** An endpoint of both pools is one value. */
function poolsOf(
  cluster: readonly Endpoint[],
  local: readonly Endpoint[],
  { isDropped }: Answer,
): Pools {
  const byTarget = new Map([...cluster, ...local].map((one) => [one.target, one]));
  const known = (pool: readonly Endpoint[]): readonly Endpoint[] =>
    pool.flatMap(({ target }) => byTarget.get(target) ?? []);
  const reachable = [...byTarget.values()].sort(inOrder);
  return {
    ...{ cluster: known(cluster), local: known(local), reachable, topology: '' },
    any: reachable.length > 0 || isDropped,
  };
}

const NOTHING: Answer = { endpoints: [], isMasqueraded: false, isDropped: false };

/** What a sender meets at the first of the frontends that sends it somewhere, else at any. */
function answerOf(
  frontends: readonly RuleFrontend[],
  sender: Sender | undefined,
  recovery: Recovery,
): Answer {
  if (sender === undefined) return NOTHING;
  const answers = frontends.map((frontend) => answerAt(frontend, sender, recovery));
  return (
    answers.find(({ endpoints }) => endpoints.length > 0) ??
    answers.find(({ isDropped }) => isDropped) ??
    NOTHING
  );
}

function answerAt(frontend: RuleFrontend, sender: Sender, recovery: Recovery): Answer {
  const arrivals = asked(frontend, sender, recovery);
  const endpoints = new Map<string, Endpoint>();
  let isMasqueraded = true;
  for (const { flow } of arrivals) {
    if (flow.dnat === undefined) continue;
    isMasqueraded &&= flow.masquerade;
    const { ip, port } = flow.dnat.to;
    const endpoint = endpointOf(ip, port || frontend.port);
    endpoints.set(endpoint.target, endpoint);
  }
  return {
    endpoints: [...endpoints.values()].sort(inOrder),
    isMasqueraded,
    isDropped: endpoints.size === 0 && arrivals.some(({ ending }) => ending.kind === 'drop'),
  };
}

function asked(
  { ip, protocol, port }: RuleFrontend,
  sender: Sender,
  { router, nodeIp }: Recovery,
  client: ReadonlySet<string> = new Set(),
): readonly Arrival[] {
  const to = ip === '' ? nodeIp : ip;
  if (to === undefined) return [];
  const region: Region = {
    ...{ ...sender.region, daddr: address(to), state: word('new') },
    ...{ protocol: word(protocol), dport: numbers(port, port) },
  };
  return router.route(region, sender.start, { client, paths: false });
}

function endpointOf(ip: Ip, port: number): Endpoint {
  return {
    ...{ ip, port, target: joinHostPort(ip, port), local: true, nodeName: '', zone: '' },
    ...{ ready: true, serving: true, terminating: false, zoneHints: [], nodeHints: [] },
  };
}

function inOrder(a: Endpoint, b: Endpoint): number {
  return compareText(a.target, b.target);
}

function sameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.length === b.length && a.every(({ target }, i) => target === b[i]?.target);
}

/** The networks that may use an address, where others are dropped; empty: everybody may. */
function sourceRanges(frontend: RuleFrontend, ip: Ip, recovery: Recovery): readonly Cidr[] {
  const arrivals = recovery.senders.flatMap((sender) => asked(frontend, sender, recovery));
  const isAllowed = ({ ending }: Arrival): boolean => ending.kind !== 'drop';
  const allowed = sourcesOf(arrivals.filter(isAllowed));
  const others = difference(sourcesOf(arrivals), allowed);
  if (others.length === 0) return [];
  // Policy Local never drops what the node itself sends: a network is missing. Any will do.
  return allowed.length === 0 ? [hostCidr(ip)] : cidrsOf(allowed);
}

function sourcesOf(arrivals: readonly Arrival[]): Intervals {
  return union(arrivals.map(({ flow }) => flow.region.saddr));
}

function cidrsOf(set: Intervals): readonly Cidr[] {
  return pairs(set).flatMap(([from, to]) => {
    const last = typeof to === 'bigint' ? to - 1n : Number(to) - 1;
    return networksBetween(addressAt(from), addressAt(last));
  });
}

/** How long a client comes back to its endpoint, in seconds; 0: not at all. */
function affinityOf(frontend: RuleFrontend, recovery: Recovery): number {
  const [sender] = recovery.senders;
  if (sender === undefined) return 0;
  const lists = asked(frontend, sender, recovery).find(({ flow }) => flow.lists.length > 0);
  if (lists === undefined) return 0;
  const back = asked(frontend, sender, recovery, new Set(lists.flow.lists));
  const ends = back.map(({ flow: { region } }) => region.age).filter(([from]) => from === 0);
  const end = ends.map((age) => Number(age[1])).sort((a, b) => a - b)[0];
  return end === undefined || end >= 2 ** 32 ? 0 : end;
}
