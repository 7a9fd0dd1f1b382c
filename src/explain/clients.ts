/** What each kind of client gets at each address that a Service port answers on. */

import type { ModeBehaviour } from '../model/behaviour.js';
import { allowedSources, type PortRoutes, routesOf } from '../model/routes.js';
import type { NodeContext, ServicePort } from '../model/types.js';
import type { Cidr } from '../net/cidr.js';
import type { Ip } from '../net/ip.js';
import { everything } from '../netfilter/region.js';
import { clusterDecision, type Decision, externalDecision, PASSES } from './expected.js';
import type { Sender } from './senders.js';

/**
 * A pod that the node recognises as its own, this node itself, and everybody else. Without
 * detection of local traffic the first is treated like the last.
 */
export type Client = 'pod' | 'node' | 'outside';

/** All kinds, in the order in which they are shown. */
export const CLIENTS: readonly Client[] = ['pod', 'node', 'outside'];

/** One address and port that a Service port answers on. */
export interface ServiceAddress {
  readonly kind: 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port';
  /** None of a node port, which the node's own addresses have. */
  readonly ip: Ip | '';
  readonly port: number;
  /** Networks that may use it; empty: everybody. */
  readonly sources: readonly Cidr[];
  readonly clients: Readonly<Record<Client, Decision>>;
}

/** The addresses of a Service port, with what each kind of client gets there. */
export function portAddresses(
  port: ServicePort,
  context: NodeContext,
  behaviour: ModeBehaviour,
): readonly ServiceAddress[] {
  const routes = routesOf(port);
  const senders = {
    pod: senderOf('pod', context),
    node: senderOf('node', context),
    outside: senderOf('outside', context),
  };
  const clientsOf = (decide: (sender: Sender) => Decision): ServiceAddress['clients'] => ({
    pod: decide(senders.pod),
    node: decide(senders.node),
    outside: decide(senders.outside),
  });
  const external = clientsOf((sender) => {
    const decision = externalDecision(routes, sender);
    const escapes = sender.isNode && !behaviour.refusesNode;
    return decision.kind === 'outcome' && escapes ? { kind: 'outcome', outcome: PASSES } : decision;
  });
  const nodePort = clientsOf((sender) => externalDecision(routes, sender));
  const internal = clientsOf((sender) => clusterDecision(routes, context, sender));
  const guard = sourceGuardOf(port, routes, context, behaviour);
  const shared = { port: port.port, sources: [] };
  const clusterIps = port.clusterIp === '' ? [] : [port.clusterIp];
  return [
    ...clusterIps.map((ip) => ({ ...shared, kind: 'cluster-ip' as const, ip, clients: internal })),
    ...port.externalIps.map((ip) => ({
      ...{ ...shared, kind: 'external-ip' as const, ip, clients: external },
      sources: behaviour.guardsAlways && port.loadBalancerIps.includes(ip) ? guard : [],
    })),
    ...port.loadBalancerIps.map((ip) => ({
      ...{ ...shared, kind: 'load-balancer' as const, ip, clients: external, sources: guard },
    })),
    ...(port.nodePort === 0
      ? []
      : [
          {
            ...{ kind: 'node-port' as const, ip: '' as const, port: port.nodePort, sources: [] },
            clients: nodePort,
          },
        ]),
  ];
}

function senderOf(client: Client, { family, localDetector }: NodeContext): Sender {
  return {
    name: client,
    start: client === 'node' ? 'output' : 'prerouting',
    region: everything(family),
    isPod: client === 'pod' && localDetector.kind !== 'none',
    isNode: client === 'node',
  };
}

/** Networks that may use the load balancer addresses of a port; empty: everybody. */
export function sourceGuardOf(
  port: ServicePort,
  { external, firewalledIps }: PortRoutes,
  { nodeIp }: NodeContext,
  { guardsAlways }: ModeBehaviour,
): readonly Cidr[] {
  const isGuarded = firewalledIps.length > 0 && (external !== undefined || guardsAlways);
  return isGuarded ? allowedSources(port, nodeIp) : [];
}
