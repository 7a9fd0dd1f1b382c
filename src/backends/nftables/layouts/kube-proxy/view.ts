/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for.
 * Everything is decided here; every field is always present, and an empty list means "nothing of
 * the kind".
 */

import { refusedOnLoopback } from '../../../../model/loopback.js';
import {
  allowedSources,
  type Frontends,
  type PoolName,
  type PortRoutes,
  routesOf,
} from '../../../../model/routes.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import type { Ip } from '../../../../net/ip.js';
import type { ProfileNftables } from '../../../../profiles/types.js';
import {
  declaredChains,
  type ExternalRules,
  externalRules,
  PROTOCOL_WORDS,
} from '../../../port-view.js';
import { endpointBase, serviceChain, servicePortBase } from './names.js';
import {
  commentText,
  type FamilyWords,
  familyWords,
  markText,
  matchLocal,
  networkSet,
} from './view-words.js';

/** An address with the chain that takes its traffic. */
interface Dispatch {
  readonly ip: Ip;
  readonly chain: string;
}

/** What a port has in the sets and maps of every node, whichever chains it has. */
export interface PortElements extends FamilyWords {
  readonly proto: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** `namespace/name:port`, cut to the length of a comment. */
  readonly comment: string;
  /** The address that all ports of the Service share; 0 or 1. */
  readonly activeIps: readonly { readonly ip: Ip }[];
  /** Frontends without usable endpoints, with what happens to a packet. */
  readonly refused: readonly { readonly ip: Ip; readonly verdict: string }[];
  readonly refusedNodePorts: readonly { readonly nodePort: number; readonly verdict: string }[];
  /** Local endpoints, which may reach themselves through the Service. */
  readonly hairpins: readonly { readonly ip: Ip; readonly port: number }[];
}

export interface PortView extends PortElements, ExternalRules<string> {
  readonly mark: string;
  /** 0: no affinity. */
  readonly affinitySeconds: number;
  readonly chains: readonly { readonly chain: string }[];
  /** Its node port, where that is rejected on loopback addresses. */
  readonly refusedOnLoopback: readonly { readonly nodePort: number }[];
  /** Endpoints that have a chain of their own: all, or those of a port with affinity. */
  readonly chained: readonly { readonly base: string; readonly ip: Ip; readonly target: string }[];
  readonly services: readonly Dispatch[];
  readonly nodePorts: readonly { readonly nodePort: number; readonly chain: string }[];
  readonly firewalled: readonly Dispatch[];
  readonly firewall: readonly { readonly chain: string; readonly sources: string }[];
  readonly pools: readonly {
    readonly chain: string;
    readonly size: number;
    readonly endpoints: readonly { readonly base: string }[];
    /** The map of a random number to an endpoint, or to its chain. */
    readonly choices: string;
    /** The only endpoint, where no number is drawn for it; else `''`. */
    readonly single: string;
  }[];
}

/** The view of one port; what kube-proxy's syncProxyRules writes for it. */
export function portView(
  port: ServicePort,
  context: NodeContext,
  { layout, single, interfaceMatch, longComment, localhostNodePorts }: ProfileNftables,
): PortView {
  const { reachable } = port.pools;
  const routes = routesOf(port);
  const chain = chainsOf(port);
  const sticky = port.affinitySeconds > 0;
  const chained = sticky || layout === 'chains';
  const elements = portElements(port, routes, longComment);
  const { services, nodePorts } = dispatches(routes, chain);
  const outside = externalRules(
    routes.external,
    chain,
    matchLocal(context.localDetector, context.family, false, interfaceMatch),
  );
  const firewalled = routes.firewalledIps.map((ip) => ({ ip, chain: chain.firewall }));
  // One literal: V8 takes several times as long for an object that others are spread into.
  return {
    ip: elements.ip,
    addr: elements.addr,
    proto: elements.proto,
    port: elements.port,
    comment: elements.comment,
    activeIps: elements.activeIps,
    refused: elements.refused,
    refusedNodePorts: elements.refusedNodePorts,
    hairpins: elements.hairpins,
    mark: markText(context),
    refusedOnLoopback:
      localhostNodePorts &&
      port.nodePort !== 0 &&
      refusedOnLoopback(context).includes(port.protocol)
        ? [{ nodePort: port.nodePort }]
        : NONE,
    affinitySeconds: port.affinitySeconds,
    chains: declaredChains(routes, chain, firewalled.length > 0, NONE),
    chained: chained
      ? reachable.map((e) => ({ base: endpointBase(port, e), ip: e.ip, target: e.target }))
      : NONE,
    services,
    nodePorts,
    firewalled,
    firewall:
      firewalled.length > 0
        ? [{ chain: chain.firewall, sources: networkSet(allowedSources(port, context.nodeIp)) }]
        : NONE,
    externalClusterPolicy: outside.externalClusterPolicy,
    externalLocalPolicy: outside.externalLocalPolicy,
    externalPools: outside.externalPools,
    pools: routes.pools.map(({ name, endpoints }) => ({
      chain: chain[name],
      size: endpoints.length,
      endpoints: sticky ? endpoints.map((e) => ({ base: endpointBase(port, e) })) : NONE,
      choices: choices(port, endpoints, chained),
      single: single === 'plain' && endpoints.length === 1 ? (endpoints[0]?.target ?? '') : '',
    })),
  };
}

const NONE: readonly never[] = [];

/** The elements of a port beside those that lead to its endpoints. */
export function portElements(
  port: ServicePort,
  routes: PortRoutes,
  longComment?: ProfileNftables['longComment'],
): PortElements {
  const { ip, addr } = familyWords(port.family);
  const { refused, refusedNodePorts } = refusals(routes);
  const hairpins: { readonly ip: Ip; readonly port: number }[] = [];
  for (const endpoint of port.pools.reachable)
    if (endpoint.local) hairpins.push({ ip: endpoint.ip, port: endpoint.port });
  return {
    ip,
    addr,
    proto: PROTOCOL_WORDS[port.protocol],
    port: port.port,
    comment: commentText(port.id, longComment),
    activeIps: port.first && port.clusterIp !== '' ? [{ ip: port.clusterIp }] : NONE,
    refused,
    refusedNodePorts,
    hairpins,
  };
}

export type PortChains = Readonly<Record<PoolName | 'external' | 'firewall', string>>;

/** The names of all chains that a port can have. */
export function chainsOf(port: ServicePort): PortChains {
  const base = servicePortBase(port);
  return {
    cluster: serviceChain('service', base),
    local: serviceChain('local', base),
    external: serviceChain('external', base),
    firewall: serviceChain('firewall', base),
  };
}

/** Addresses outside the cluster, each once, as a map of nft holds them. */
export function externalIps({ externalIps, loadBalancerIps }: Frontends): readonly Ip[] {
  if (externalIps.length + loadBalancerIps.length === 0) return NONE;
  return [...new Set([...externalIps, ...loadBalancerIps])];
}

function dispatches(
  { dispatched, internalPool }: PortRoutes,
  chain: PortChains,
): Pick<PortView, 'services' | 'nodePorts'> {
  return {
    services: [
      ...dispatched.clusterIps.map((ip) => ({ ip, chain: chain[internalPool] })),
      ...externalIps(dispatched).map((ip) => ({ ip, chain: chain.external })),
    ],
    nodePorts: dispatched.nodePorts.map((nodePort) => ({ nodePort, chain: chain.external })),
  };
}

function refusals({
  refused,
  refusal,
}: PortRoutes): Pick<PortView, 'refused' | 'refusedNodePorts'> {
  const verdict = refusal === 'drop' ? 'drop' : 'goto reject-chain';
  return {
    refused: [...refused.clusterIps, ...externalIps(refused)].map((ip) => ({ ip, verdict })),
    refusedNodePorts: refused.nodePorts.map((nodePort) => ({ nodePort, verdict })),
  };
}

function choices(port: ServicePort, endpoints: readonly Endpoint[], chained: boolean): string {
  const choice = (endpoint: Endpoint): string =>
    chained ? `goto endpoint-${endpointBase(port, endpoint)}` : `${endpoint.ip} . ${endpoint.port}`;
  return endpoints.map((endpoint, i) => `${i} : ${choice(endpoint)}`).join(', ');
}
