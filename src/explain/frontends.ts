/** Every address that a machine can be asked at, with what each of its ports does. */

import { allowedSources, type PortRoutes, routesOf } from '../model/routes.js';
import type { Model, ServicePort } from '../model/types.js';
import { parseCidr } from '../net/cidr.js';
import { type Ip, joinHostPort } from '../net/ip.js';
import {
  contains,
  difference,
  type Intervals,
  intersection,
  union,
} from '../netfilter/intervals.js';
import { address, addressPoint, allAddresses, network, networks } from '../netfilter/region.js';
import {
  clusterDecision,
  type Decision,
  DROPPED,
  externalDecision,
  type Outcome,
  PASSES,
  REFUSED,
  type Setting,
} from './expected.js';
import type { Sender } from './senders.js';

/** What a sender gets at a frontend. */
type Decide = (sender: Sender) => Decision;

/** One port of some addresses. */
export interface NamedFrontend {
  readonly port: ServicePort;
  /** `cluster IP 10.96.0.1:80`. */
  readonly what: string;
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string;
  readonly number: number;
  readonly decide: Decide;
  /** The sources that may use it; `undefined`: all. */
  readonly allowed: Intervals | undefined;
}

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
    const guard = guardOf(port, routes, setting);
    const add = (kind: string, ip: Ip, decide: Decide, allowed?: Intervals): void => {
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
    for (const ip of port.externalIps)
      add(
        'external IP',
        ip,
        externally(routes, ip, setting),
        guarded.has(ip) && setting.behaviour.guardsAlways ? guard : undefined,
      );
    for (const ip of port.loadBalancerIps)
      add('load balancer IP', ip, externally(routes, ip, setting), guard);
  }
  return found;
}

/** What refuses the node itself only where its packet comes in again, or before all else. */
function externally(routes: PortRoutes, ip: Ip, { machine, behaviour }: Setting): Decide {
  const isOwn = contains(machine.local, addressPoint(ip));
  const { refused, refusal } = routes;
  const isRefused = [...refused.externalIps, ...refused.loadBalancerIps].includes(ip);
  const outcome = refusal === 'drop' ? DROPPED : REFUSED;
  return (sender) => {
    if (sender.isNode && isRefused && behaviour.refusesNodeFirst)
      return { kind: 'outcome', outcome };
    const decision = externalDecision(routes, sender);
    const escapes = sender.isNode && !isOwn && !behaviour.refusesNode;
    return decision.kind === 'outcome' && escapes ? { kind: 'outcome', outcome: PASSES } : decision;
  };
}

function guardOf(
  port: ServicePort,
  { external, firewalledIps }: PortRoutes,
  { context, behaviour }: Setting,
): Intervals | undefined {
  const isGuarded = firewalledIps.length > 0 && (external !== undefined || behaviour.guardsAlways);
  return isGuarded ? networks(allowedSources(port, context.nodeIp)) : undefined;
}

/** Addresses with node ports. */
interface NodePorts {
  readonly daddr: Intervals;
  readonly frontends: readonly NamedFrontend[];
}

/**
 * Node ports on the addresses that accept them, and those without endpoints on all others of the
 * machine. An address that is not the machine's own refuses nothing: it leads elsewhere.
 */
function nodePortFrontends({ ports }: Model, setting: Setting): readonly NodePorts[] {
  const { machine, behaviour } = setting;
  const open = openAddresses(setting);
  const all = ports.filter(({ nodePort }) => nodePort !== 0);
  const refused = all.filter((port) => routesOf(port).refused.nodePorts.length > 0);
  const frontend = (port: ServicePort, decide: Decide): NamedFrontend => ({
    port,
    what: `node port ${port.nodePort}`,
    protocol: port.protocol.toLowerCase(),
    number: port.nodePort,
    decide,
    allowed: undefined,
  });
  const accepting = (isOwn: boolean): readonly NamedFrontend[] =>
    all.map((port) => {
      const routes = routesOf(port);
      return frontend(port, (sender) => {
        const decision = externalDecision(routes, sender);
        return decision.kind === 'outcome' && !isOwn
          ? { kind: 'outcome', outcome: PASSES }
          : decision;
      });
    });
  const refusing = refused.map((port) => {
    const outcome = routesOf(port).refusal === 'drop' ? DROPPED : REFUSED;
    return frontend(port, () => ({ kind: 'outcome', outcome }));
  });
  return [
    { daddr: intersection(open, machine.local), frontends: accepting(true) },
    { daddr: difference(open, machine.local), frontends: accepting(false) },
    {
      daddr: difference(machine.local, open),
      frontends: behaviour.refusesNodePortsEverywhere ? refusing : [],
    },
  ].filter(({ daddr }) => daddr.length > 0);
}

/** The addresses that accept node ports. */
function openAddresses({ context, machine, behaviour }: Setting): Intervals {
  const { nodePortAddresses, localhostNodePorts, family } = context;
  if (nodePortAddresses.kind === 'listed') return union(nodePortAddresses.ips.map(address));
  const withLoopback = behaviour.loopbackNodePorts && localhostNodePorts;
  return withLoopback ? machine.local : difference(machine.local, loopback(family));
}

/** 127.0.0.0/8 or ::1. */
export function loopback(family: 'IPv4' | 'IPv6'): Intervals {
  const cidr = parseCidr(family === 'IPv4' ? '127.0.0.0/8' : '::1/128');
  return cidr === undefined ? [] : network(cidr);
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
