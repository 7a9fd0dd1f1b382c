/**
 * The addresses that Services answer on over UDP and SCTP. They show which Service a tracked flow
 * belongs to.
 */

import { endpointsOfEntry, portKey } from '../model/endpoints.js';
import { entryOf } from '../model/entries.js';
import type { Model, NodePortAddresses, Protocol, ServicePort } from '../model/types.js';
import { type Family, type Ip, joinHostPort } from '../net/ip.js';
import type { FlowProtocol } from './flows.js';

/** The protocols that have flows. */
export const FLOW_PROTOCOLS: readonly FlowProtocol[] = ['UDP', 'SCTP'];
/** Every protocol that a Service may have. */
export const ALL_PROTOCOLS: readonly Protocol[] = ['TCP', ...FLOW_PROTOCOLS];

/** An address and port where a Service answers, or a node port. */
export interface Frontend<P extends Protocol = FlowProtocol> {
  readonly family: Family;
  readonly protocol: P;
  /** `''` for a node port, which is on addresses of the node. */
  readonly ip: Ip | '';
  readonly port: number;
  /** `namespace/name:port protocol`; `''` where unknown. */
  readonly origin: string;
}

/** A frontend of a Service that exists. */
export interface ModelFrontend extends Frontend {
  readonly servicePort: ServicePort;
}

/**
 * Every UDP and SCTP frontend of a model, also those without endpoints. With `isWanted` only those
 * for which it holds: among ten thousand Services few have flows.
 */
export function frontendsOfModel(
  model: Model,
  isWanted: (ip: Ip | '', port: number) => boolean = () => true,
): readonly ModelFrontend[] {
  const found: ModelFrontend[] = [];
  for (const servicePort of model.ports) {
    const { family, protocol, port, origin, nodePort } = servicePort;
    if (protocol === 'TCP') continue;
    const add = (ip: Ip | '', at: number): void => {
      if (isWanted(ip, at)) found.push({ family, protocol, ip, port: at, origin, servicePort });
    };
    if (servicePort.clusterIp !== '') add(servicePort.clusterIp, port);
    for (const ip of new Set([...servicePort.externalIps, ...servicePort.loadBalancerIps]))
      add(ip, port);
    if (nodePort !== 0) add('', nodePort);
  }
  return found;
}

/**
 * `ip:port` of all endpoints that an established flow may go on using: those that get new flows,
 * and those that serve without getting any, such as a Pod that is terminating, or one of another
 * zone after hints changed. kube-proxy keeps their flows too.
 */
export function usableTargets(model: Model, port: ServicePort): ReadonlySet<string> {
  const entry = entryOf(model.entries, port.service);
  const key = portKey(port.portName, port.protocol);
  const all = endpointsOfEntry(entry, model.serviceContext, new Set([key])).get(key) ?? [];
  const serving = all.filter((endpoint) => endpoint.serving);
  return new Set([...port.pools.reachable, ...serving].map(({ target }) => target));
}

/**
 * The frontend that a destination belongs to, if any. An address of a Service comes before a node
 * port, as in the rules.
 */
export type FindFrontend<T> = (protocol: FlowProtocol, ip: Ip, port: number) => T | undefined;

/**
 * Looks up frontends by destination; node ports on the addresses for which `hasNodePorts` holds.
 */
export function frontendLookup<T extends Frontend>(
  frontends: readonly T[],
  hasNodePorts: (ip: Ip) => boolean,
): FindFrontend<T> {
  const known = new Map<string, T>();
  for (const frontend of frontends) {
    const key = keyOf(frontend.protocol, frontend.ip, frontend.port);
    if (!known.has(key)) known.set(key, frontend);
  }
  return (protocol, ip, port) => {
    const own = known.get(keyOf(protocol, ip, port));
    if (own !== undefined) return own;
    const nodePort = known.get(keyOf(protocol, '', port));
    return nodePort !== undefined && hasNodePorts(ip) ? nodePort : undefined;
  };
}

function keyOf(protocol: FlowProtocol, ip: Ip | '', port: number): string {
  return `${protocol} ${joinHostPort(ip, port)}`;
}

/** Which of the node's own addresses have node ports. Without a context, any may have had them. */
export function nodePortTest(
  localAddresses: readonly Ip[],
  context?: {
    readonly nodePortAddresses: NodePortAddresses;
    readonly localhostNodePorts: boolean;
  },
): (ip: Ip) => boolean {
  const own = new Set(localAddresses);
  if (context === undefined) return (ip) => ip.startsWith('127.') || (own.has(ip) && ip !== '::1');
  const { nodePortAddresses, localhostNodePorts } = context;
  if (nodePortAddresses.kind === 'listed') {
    const listed = new Set(nodePortAddresses.ips);
    return (ip) => listed.has(ip);
  }
  return (ip) => (ip.startsWith('127.') ? localhostNodePorts : own.has(ip) && ip !== '::1');
}
