/** Every address that a machine can be asked at, with what each of its ports does. */

import { type PortRoutes, routesOf } from '../model/routes.js';
import type { Model } from '../model/types.js';
import { type Ip, joinHostPort } from '../net/ip.js';
import {
  contains,
  difference,
  type Intervals,
  intersection,
  union,
} from '../netfilter/intervals.js';
import { address, addressPoint, allAddresses, networks } from '../netfilter/region.js';
import { sourceGuardOf } from './clients.js';
import {
  clusterDecision,
  DROPPED,
  externalDecision,
  type Outcome,
  PASSES,
  REFUSED,
  type Setting,
} from './expected.js';
import type { Allowed, Decide, NamedFrontend } from './named-frontend.js';
import { type NodePorts, nodePortFrontends } from './node-port-frontends.js';
import type { Sender } from './senders.js';

/** Addresses that all behave alike. */
export interface AddressClass {
  readonly daddr: Intervals;
  readonly frontends: readonly NamedFrontend[];
  /** What becomes of packets to any other port, and of other protocols. */
  readonly otherwise: Outcome;
}

/** All addresses of the family, in parts. */
export function placesOf(model: Model, setting: Setting): readonly AddressClass[] {
  const named = namedFrontends(model, setting);
  const singles = [...named.keys()].map(address);
  const ports = nodePortFrontends(model, setting);
  const bulk = bulkPlaces(setting, union(singles), ports);
  const own = new Map(
    ports.flatMap(({ daddr, frontends }) =>
      [...named.keys()]
        .filter((ip) => contains(daddr, addressPoint(ip)))
        .map((ip) => [ip, frontends] as const),
    ),
  );
  const closed = closedAddresses(model, setting);
  const places = [...named].map(([ip, frontends]): AddressClass => {
    const taken = new Set(frontends.keys());
    const others = (own.get(ip) ?? []).filter((port) => !taken.has(keyOf(port)));
    const daddr = address(ip);
    return {
      daddr,
      frontends: [...frontends.values(), ...others],
      otherwise: closed(ip, daddr),
    };
  });
  return [...places, ...bulk];
}

function keyOf({ protocol, number }: Pick<NamedFrontend, 'protocol' | 'number'>): string {
  return `${number}/${protocol}`;
}

/** By address and then by port: ClusterIPs before external IPs before load balancers. */
function namedFrontends(
  { ports, context }: Model,
  setting: Setting,
): ReadonlyMap<Ip, ReadonlyMap<string, NamedFrontend>> {
  const found = new Map<Ip, Map<string, NamedFrontend>>();
  for (const port of ports) {
    const routes = routesOf(port);
    const sources = sourceGuardOf(port, routes, context, setting.behaviour);
    const guard = sources.length === 0 ? undefined : networks(sources);
    const add = (kind: string, ip: Ip, decide: Decide, allowed?: Allowed): void => {
      const entry: NamedFrontend = {
        port,
        what: `${kind} ${joinHostPort(ip, port.port)}`,
        protocol: port.protocol.toLowerCase(),
        number: port.port,
        decide,
        allowed,
      };
      const there = found.get(ip) ?? new Map<string, NamedFrontend>();
      found.set(ip, there);
      if (!there.has(keyOf(entry))) there.set(keyOf(entry), entry);
    };
    if (port.clusterIp !== '')
      add('cluster IP', port.clusterIp, (sender) => clusterDecision(routes, context, sender));
    const guarded = new Set(port.loadBalancerIps);
    const allowedAt = (ip: Ip): Allowed | undefined =>
      guard && ((sender) => (isRefusedFirst(routes, ip, sender, setting) ? undefined : guard));
    for (const ip of port.externalIps)
      add(
        'external IP',
        ip,
        externally(routes, ip, setting),
        guarded.has(ip) && setting.behaviour.guardsAlways ? allowedAt(ip) : undefined,
      );
    for (const ip of port.loadBalancerIps)
      add('load balancer IP', ip, externally(routes, ip, setting), allowedAt(ip));
  }
  return found;
}

/** Whether a sender is refused at an address before anything else is asked, its sources too. */
function isRefusedFirst(
  { refused }: PortRoutes,
  ip: Ip,
  sender: Sender,
  { behaviour }: Setting,
): boolean {
  const isRefused = [...refused.externalIps, ...refused.loadBalancerIps].includes(ip);
  return sender.isNode && isRefused && behaviour.refusesNodeFirst;
}

/** What refuses the node itself only where its packet comes in again, or before all else. */
function externally(routes: PortRoutes, ip: Ip, setting: Setting): Decide {
  const { machine, behaviour } = setting;
  const isOwn = contains(machine.local, addressPoint(ip));
  const outcome = routes.refusal === 'drop' ? DROPPED : REFUSED;
  return (sender) => {
    if (isRefusedFirst(routes, ip, sender, setting)) return { kind: 'outcome', outcome };
    const decision = externalDecision(routes, sender);
    const escapes = sender.isNode && !isOwn && !behaviour.refusesNode;
    return decision.kind === 'outcome' && escapes ? { kind: 'outcome', outcome: PASSES } : decision;
  };
}

/** The addresses that no Service names, by whether they have node ports or are closed. */
function bulkPlaces(
  { context, machine, behaviour }: Setting,
  named: Intervals,
  ports: readonly NodePorts[],
): readonly AddressClass[] {
  const withPorts = ports.map(
    ({ daddr, frontends }): AddressClass => ({
      daddr: difference(daddr, named),
      frontends,
      otherwise: PASSES,
    }),
  );
  const rest = difference(
    difference(allAddresses(context.family), named),
    union(ports.map(({ daddr }) => daddr)),
  );
  const closed = behaviour.closesClusterIps
    ? difference(intersection(rest, networks(context.serviceCidrs)), machine.local)
    : [];
  return [
    ...withPorts,
    { daddr: closed, frontends: [], otherwise: DROPPED },
    { daddr: difference(rest, closed), frontends: [], otherwise: PASSES },
  ].filter(({ daddr }) => daddr.length > 0);
}

/** What becomes of packets to an address of a Service, on a port that it does not have. */
function closedAddresses(
  { ports }: Model,
  { context, machine, behaviour }: Setting,
): (ip: Ip, daddr: Intervals) => Outcome {
  const clusterIps = new Set(ports.filter(({ first }) => first).map(({ clusterIp }) => clusterIp));
  const cidrs = networks(context.serviceCidrs);
  return (ip) => {
    const point = addressPoint(ip);
    if (!behaviour.closesClusterIps || contains(machine.local, point)) return PASSES;
    if (clusterIps.has(ip)) return REFUSED;
    return contains(cidrs, point) ? DROPPED : PASSES;
  };
}
