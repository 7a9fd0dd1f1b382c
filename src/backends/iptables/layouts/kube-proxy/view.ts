/**
 * The data of one Service port that `port.hbs` has holes for. Everything is decided here; every
 * field is always present, and an empty list means "no such rule".
 */

import { targetText } from '../../../../model/endpoints.js';
import {
  allowedSources,
  type PoolName,
  type PortRoutes,
  routesOf,
} from '../../../../model/routes.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import { hostCidr } from '../../../../net/cidr.js';
import { type Ip, inetNtop, joinHostPort } from '../../../../net/ip.js';
import { type ExternalRules, externalRules, PROTOCOL_WORDS } from '../../../port-view.js';
import { oneIn } from '../../syntax/values.js';
import { type ChainName, endpointChain, serviceChain, servicePortHash } from './names.js';
import { detectorWords, EVERYBODY, networkText } from './view-words.js';

/** An address with its prefix length. */
type Host = string;

export interface PortView extends ExternalRules<ChainName> {
  /** `namespace/name:port`, which stands in the comments. */
  readonly id: string;
  readonly proto: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Type of the ICMP error of a REJECT. */
  readonly unreachable: string;
  /** Whether endpoint rules carry comments (not in large clusters). */
  readonly comments: boolean;
  /** 0: no affinity. */
  readonly affinitySeconds: number;
  /** The mask under which xt_recent remembers a client: one address. */
  readonly hostMask: string;
  readonly rejectedIps: readonly { readonly chain: string; readonly host: Host }[];
  readonly rejectedNodePorts: readonly { readonly nodePort: number }[];
  readonly droppedIps: readonly { readonly chain: string; readonly host: Host }[];
  readonly droppedNodePorts: readonly { readonly nodePort: number }[];
  readonly healthCheckNodePorts: readonly { readonly nodePort: number }[];
  /** Declarations, in kube-proxy's order. */
  readonly chains: readonly { readonly chain: ChainName }[];
  readonly clusterIps: readonly { readonly host: Host; readonly chain: ChainName }[];
  readonly externalIps: readonly { readonly host: Host; readonly chain: ChainName }[];
  readonly loadBalancerIps: readonly { readonly host: Host; readonly chain: ChainName }[];
  readonly nodePorts: readonly {
    readonly nodePort: number;
    readonly chain: ChainName;
    readonly countLocalhost: boolean;
  }[];
  /** Which cluster IP traffic is masqueraded; the detector's words stand before or after `-d`. */
  readonly masquerades: readonly {
    readonly chain: ChainName;
    readonly host: Host;
    readonly notFrom: string;
    readonly notIn: string;
  }[];
  readonly firewall: readonly {
    readonly chain: ChainName;
    readonly externalChain: ChainName;
    readonly hosts: readonly { readonly host: Host }[];
    readonly sources: readonly { readonly source: string }[];
  }[];
  readonly pools: readonly {
    readonly chain: ChainName;
    /** `probability` is `''` on the last, which takes what is left. */
    readonly endpoints: readonly {
      readonly chain: ChainName;
      readonly target: string;
      readonly probability: string;
    }[];
  }[];
  readonly endpoints: readonly {
    readonly chain: ChainName;
    readonly host: Host;
    readonly destination: string;
  }[];
}

/** The view of one port; what kube-proxy's syncProxyRules writes for it. */
export function portView(port: ServicePort, context: NodeContext): PortView {
  const routes = routesOf(port);
  const chain = chainsOf(port);
  const endpointChains = new Map(
    port.pools.reachable.map((endpoint) => [endpoint, endpointChain(port, targetText(endpoint))]),
  );
  const view = frontendsView(port, routes, chain, context);
  return {
    ...view,
    chains: [...view.chains, ...[...endpointChains.values()].map((name) => ({ chain: name }))],
    pools: routes.pools.map(({ name, endpoints }) => ({
      chain: chain[name],
      endpoints: picks(endpoints, endpointChains),
    })),
    endpoints: [...endpointChains].map(([endpoint, name]) => ({
      chain: name,
      host: host(endpoint.ip),
      destination: destination(endpoint),
    })),
  };
}

/** The same with chains for the pools, and nothing in them that leads to an endpoint. */
export function frontendsView(
  port: ServicePort,
  routes: PortRoutes,
  chain: PortChains,
  context: NodeContext,
): PortView {
  const firewalled = routes.external !== undefined && routes.firewalledIps.length > 0;
  return {
    id: port.id,
    proto: PROTOCOL_WORDS[port.protocol],
    port: port.port,
    unreachable: port.family === 'IPv6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable',
    comments: !context.large,
    affinitySeconds: port.affinitySeconds,
    hostMask:
      port.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255',
    ...refusals(routes),
    healthCheckNodePorts:
      port.healthCheckNodePort === 0 ? [] : [{ nodePort: port.healthCheckNodePort }],
    chains: [
      ...(routes.external === undefined ? [] : [chain.external]),
      ...(firewalled ? [chain.firewall] : []),
      ...routes.pools.map(({ name }) => chain[name]),
    ].map((name) => ({ chain: name })),
    ...dispatches(routes, chain, firewalled, context),
    masquerades: masquerades(routes, chain, context),
    ...externalRules(routes.external, chain, detectorWords(context.localDetector).words),
    firewall: firewalled ? [firewall(port, chain, context)] : [],
    pools: [],
    endpoints: [],
  };
}

/** An endpoint as `--to-destination` takes it. */
export function destination({ ip, port, target }: Endpoint): string {
  const printed = inetNtop(ip);
  return printed === ip ? target : joinHostPort(printed, port);
}

export type PortChains = Readonly<Record<PoolName | 'external' | 'firewall', ChainName>>;

/** The names of the chains that a port may have, besides those of its endpoints. */
export function chainsOf(port: ServicePort): PortChains {
  const hash = servicePortHash(port);
  return {
    cluster: serviceChain('SVC', hash),
    local: serviceChain('SVL', hash),
    external: serviceChain('EXT', hash),
    firewall: serviceChain('FW', hash),
  };
}

function refusals({
  refused,
  refusal,
}: PortRoutes): Pick<
  PortView,
  'rejectedIps' | 'rejectedNodePorts' | 'droppedIps' | 'droppedNodePorts'
> {
  const refusedIn = (chain: string, ips: readonly Ip[]) =>
    ips.map((ip) => ({ chain, host: host(ip) }));
  const ips = [
    ...refusedIn('KUBE-SERVICES', refused.clusterIps),
    ...refusedIn('KUBE-EXTERNAL-SERVICES', refused.externalIps),
    ...refusedIn('KUBE-EXTERNAL-SERVICES', refused.loadBalancerIps),
  ];
  const nodePorts = refused.nodePorts.map((nodePort) => ({ nodePort }));
  return refusal === 'reject'
    ? { rejectedIps: ips, rejectedNodePorts: nodePorts, droppedIps: [], droppedNodePorts: [] }
    : { rejectedIps: [], rejectedNodePorts: [], droppedIps: ips, droppedNodePorts: nodePorts };
}

function dispatches(
  { dispatched, internalPool }: PortRoutes,
  chain: PortChains,
  firewalled: boolean,
  context: NodeContext,
): Pick<PortView, 'clusterIps' | 'externalIps' | 'loadBalancerIps' | 'nodePorts'> {
  const to = (name: ChainName, ips: readonly Ip[]) =>
    ips.map((ip) => ({ host: host(ip), chain: name }));
  return {
    clusterIps: to(chain[internalPool], dispatched.clusterIps),
    externalIps: to(chain.external, dispatched.externalIps),
    loadBalancerIps: to(firewalled ? chain.firewall : chain.external, dispatched.loadBalancerIps),
    nodePorts: dispatched.nodePorts.map((nodePort) => ({
      nodePort,
      chain: chain.external,
      countLocalhost:
        context.localhostNodePorts && context.nfacct.includes('localhost_nps_accepted_pkts'),
    })),
  };
}

function masquerades(
  { dispatched, internalPool }: PortRoutes,
  chain: PortChains,
  { masqueradeAll, localDetector }: NodeContext,
): PortView['masquerades'] {
  const detector = detectorWords(localDetector);
  if (!masqueradeAll && !detector.known) return [];
  return dispatched.clusterIps.map((ip) => ({
    chain: chain[internalPool],
    host: host(ip),
    ...(masqueradeAll ? EVERYBODY : detector.negated),
  }));
}

function firewall(
  port: ServicePort,
  chain: PortChains,
  { nodeIp }: NodeContext,
): PortView['firewall'][number] {
  return {
    chain: chain.firewall,
    externalChain: chain.external,
    hosts: port.loadBalancerIps.map((ip) => ({ host: host(ip) })),
    sources: allowedSources(port, nodeIp).map((cidr) => ({ source: networkText(cidr) })),
  };
}

function host(ip: Ip): Host {
  return networkText(hostCidr(ip));
}

/** Equal shares: 1/n for the first, 1/(n-1) of the rest for the second, and so on. */
function picks(
  endpoints: readonly Endpoint[],
  chainOf: ReadonlyMap<Endpoint, ChainName>,
): PortView['pools'][number]['endpoints'] {
  return endpoints.flatMap((endpoint, i) => {
    const chain = chainOf.get(endpoint);
    const left = endpoints.length - i;
    return chain === undefined
      ? []
      : [{ chain, target: targetText(endpoint), probability: left === 1 ? '' : oneIn(left) }];
  });
}
