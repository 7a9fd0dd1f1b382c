/**
 * What to expect of kube-proxy, from the model alone: for every packet that a machine can
 * meet, what becomes of it and how often. Nothing here depends on how rules are written.
 */

import type { ModeBehaviour } from '../model/behaviour.js';
import type { PoolName, PortRoutes } from '../model/routes.js';
import type { Endpoint, Model, NodeContext, ServicePort } from '../model/types.js';
import { ALL, type Fraction, fraction } from '../netfilter/fraction.js';
import {
  contains,
  difference,
  type Intervals,
  intersection,
  union,
} from '../netfilter/intervals.js';
import { address, addressPoint, numbers, type Region, withField } from '../netfilter/region.js';
import type { Machine } from '../netfilter/route.js';
import type { Sender } from './senders.js';

/**
 * What becomes of a packet: `accept to 10.244.1.7:8080 masqueraded`, `accept`, `drop`,
 * `reject port-unreachable`, `unknown` and what a rule does.
 */
export type Outcome = string;

/** A part of some packets, with the share that has an outcome. */
export interface RegionShare {
  readonly region: Region;
  readonly share: Fraction;
  readonly outcome: Outcome;
}

/** Packets of one sender to one destination, and what is to become of them. */
export interface ExpectedTraffic {
  /** `shop/web:http TCP`; `''`: no Service is concerned. */
  readonly origin: string;
  /** `cluster IP 10.96.0.1:80`. */
  readonly what: string;
  readonly sender: Sender;
  readonly region: Region;
  readonly shares: readonly RegionShare[];
  /** What a client that was here before comes back to; `undefined`: it is not remembered. */
  readonly affinity:
    | { readonly port: ServicePort; readonly decision: Extract<Decision, { kind: 'pool' }> }
    | undefined;
}

export const PASSES: Outcome = 'accept';
export const DROPPED: Outcome = 'drop';
export const REFUSED: Outcome = 'reject port-unreachable';

/** Whether a rule does something to the packet that is not understood. */
export function isUnknownOutcome(outcome: Outcome): boolean {
  return outcome.startsWith('unknown ');
}

/** What outcomes depend on besides the Service port and the sender. */
export interface Setting {
  readonly context: NodeContext;
  readonly machine: Machine;
  readonly behaviour: ModeBehaviour;
  /** `protocol address:port` of the endpoints of this node. */
  readonly localEndpoints: ReadonlySet<string>;
  /** Where health checks of load balancers are answered, in any Service. */
  readonly healthPorts: Intervals;
  /** What was found out about the endpoints of the Service port that was asked about last. */
  readonly latest: { port: ServicePort | undefined; facts: Map<Endpoint, EndpointFacts> };
}

/** What is decided for packets of one sender to one frontend. */
export type Decision =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'pool'; readonly pool: PoolName; readonly masquerade: boolean };

/** What a ClusterIP does with packets of a sender. */
export function clusterDecision(
  { dispatched, internalPool, refusal }: PortRoutes,
  { localDetector, masqueradeAll }: NodeContext,
  sender: Sender,
): Decision {
  if (dispatched.clusterIps.length === 0) return refusing(refusal);
  const isOutside = localDetector.kind !== 'none' && !sender.isPod;
  return { kind: 'pool', pool: internalPool, masquerade: masqueradeAll || isOutside };
}

/** What an address or port outside the cluster does with packets of a sender. */
export function externalDecision({ external, refusal }: PortRoutes, sender: Sender): Decision {
  if (external === undefined) return refusing(refusal);
  if (external.policy === 'cluster') return { kind: 'pool', pool: 'cluster', masquerade: true };
  if (sender.isPod) return { kind: 'pool', pool: 'cluster', masquerade: false };
  if (sender.isNode) return { kind: 'pool', pool: 'cluster', masquerade: true };
  if (external.pool === undefined) return refusing(refusal);
  return { kind: 'pool', pool: external.pool, masquerade: false };
}

function refusing(refusal: PortRoutes['refusal']): Decision {
  return { kind: 'outcome', outcome: refusal === 'drop' ? DROPPED : REFUSED };
}

/** The shares of a decision for the packets of a region. */
export function regionShares(
  region: Region,
  decision: Decision,
  port: ServicePort,
  sender: Sender,
  setting: Setting,
): readonly RegionShare[] {
  if (decision.kind === 'outcome') return [{ region, share: ALL, outcome: decision.outcome }];
  const endpoints = port.pools[decision.pool];
  const one = fraction(1n, BigInt(endpoints.length));
  return endpoints.flatMap((endpoint) =>
    endpointShares(region, one, endpoint, decision.masquerade, port, sender, setting),
  );
}

/** An endpoint's share; one that reaches itself is masqueraded, so that its answer comes back. */
export function endpointShares(
  region: Region,
  share: Fraction,
  endpoint: Endpoint,
  masquerade: boolean,
  port: ServicePort,
  sender: Sender,
  setting: Setting,
): readonly RegionShare[] {
  const {
    isOwn,
    isHairpin,
    kept,
    masqueraded,
    address: itself,
  } = endpointFactsOf(endpoint, port, setting);
  // What the machine takes in itself keeps its source.
  if (isOwn && !sender.isNode) return [{ region, share, outcome: kept }];
  if (masquerade) return [{ region, share, outcome: masqueraded }];
  const own = isHairpin ? intersection(region.saddr, itself) : [];
  if (own.length === 0) return [{ region, share, outcome: kept }];
  const others = difference(region.saddr, own);
  const reflected = { region: withField(region, 'saddr', own), share, outcome: masqueraded };
  if (others.length === 0) return [reflected];
  return [{ region: withField(region, 'saddr', others), share, outcome: kept }, reflected];
}

/** The outcome of packets to an endpoint, from any source. */
interface EndpointFacts {
  readonly address: Intervals;
  /** Whether it is the machine itself. */
  readonly isOwn: boolean;
  /** Whether what it sends to itself is masqueraded. */
  readonly isHairpin: boolean;
  readonly kept: Outcome;
  readonly masqueraded: Outcome;
}

function endpointFactsOf(
  endpoint: Endpoint,
  port: ServicePort,
  { machine, behaviour, localEndpoints, latest }: Setting,
): EndpointFacts {
  // All senders are tried with one Service before the next.
  if (latest.port !== port) Object.assign(latest, { port, facts: new Map() });
  const known = latest.facts.get(endpoint);
  if (known !== undefined) return known;
  const kept = `accept to ${endpoint.target}`;
  const found: EndpointFacts = {
    address: address(endpoint.ip),
    isOwn: contains(machine.local, addressPoint(endpoint.ip)),
    isHairpin: behaviour.hairpins === 'all' || localEndpoints.has(endpointKey(port, endpoint)),
    kept,
    masqueraded: `${kept} masqueraded`,
  };
  latest.facts.set(endpoint, found);
  return found;
}

function endpointKey({ protocol }: ServicePort, { target }: Endpoint): string {
  return `${protocol} ${target}`;
}

/** What all traffic of a model shares. */
export function settingOf(model: Model, machine: Machine, behaviour: ModeBehaviour): Setting {
  const localEndpoints = new Set(
    model.ports.flatMap((port) =>
      port.pools.reachable.filter(({ local }) => local).map((e) => endpointKey(port, e)),
    ),
  );
  const { context } = model;
  const healthPorts = union(
    model.ports.flatMap(({ healthCheckNodePort: port }) =>
      port === 0 ? [] : [numbers(port, port)],
    ),
  );
  const latest = { port: undefined, facts: new Map() };
  return { context, machine, behaviour, localEndpoints, healthPorts, latest };
}
