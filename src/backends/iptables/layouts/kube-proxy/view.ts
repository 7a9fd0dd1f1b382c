/**
 * The data of one Service port that `port.hbs` has holes for. Everything is decided here; every
 * field is always present, and an empty list means "no such rule".
 */

import { targetText } from '../../../../model/endpoints.js';
import { allowedSources, type PortRoutes, routesOf } from '../../../../model/routes.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import { inetNtop, joinHostPort } from '../../../../net/ip.js';
import {
  declaredChains,
  type ExternalRules,
  externalRules,
  PROTOCOL_WORDS,
} from '../../../port-view.js';
import { rootFor } from '../../dispatch/kinds.js';
import { networkText, oneIn } from '../../syntax/values.js';
import {
  type AddressRule,
  type DispatchRule,
  type FrontRules,
  frontRules,
  type HostNetwork,
  hostOf,
  isFirewalled,
  type NodePortDispatch,
  type NodePortRule,
  type PortChains,
} from './front-rules.js';
import { type ChainName, endpointChain, serviceChain, servicePortHash } from './names.js';
import { detectorWords, EVERYBODY } from './view-words.js';

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
  readonly rejectedIps: readonly AddressRule[];
  readonly rejectedNodePorts: readonly NodePortRule[];
  readonly droppedIps: readonly AddressRule[];
  readonly droppedNodePorts: readonly NodePortRule[];
  readonly healthCheckNodePorts: readonly NodePortRule[];
  /** Declarations, in kube-proxy's order. */
  readonly chains: readonly { readonly chain: ChainName }[];
  readonly clusterIps: readonly DispatchRule[];
  readonly externalIps: readonly DispatchRule[];
  readonly loadBalancerIps: readonly DispatchRule[];
  readonly nodePorts: readonly NodePortDispatch[];
  /** Which cluster IP traffic is masqueraded; the detector's words stand before or after `-d`. */
  readonly masquerades: readonly {
    readonly chain: ChainName;
    readonly host: HostNetwork;
    readonly notFrom: string;
    readonly notIn: string;
  }[];
  readonly firewall: readonly {
    readonly chain: ChainName;
    readonly externalChain: ChainName;
    readonly hosts: readonly AddressRule[];
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
    readonly host: HostNetwork;
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
  return viewOf(port, routes, chain, context, {
    rules: frontRules(port, routes, chain, context, rootFor),
    chains: [...endpointChains.values()],
    pools: routes.pools.map(({ name, endpoints }) => ({
      chain: chain[name],
      endpoints: picks(endpoints, endpointChains),
    })),
    endpoints: [...endpointChains].map(([endpoint, name]) => ({
      chain: name,
      host: hostOf(endpoint.ip),
      destination: destination(endpoint),
    })),
  });
}

/** What a layout decides about a port besides what both layouts have in common. */
interface OwnParts extends Pick<PortView, 'pools' | 'endpoints'> {
  /** In chains of every node. */
  readonly rules: FrontRules;
  /** Chains besides those of pools and of traffic from outside. */
  readonly chains: readonly ChainName[];
}

/**
 * The view of a port with these parts. It is one literal: an object that others are spread into
 * takes V8 ten times as long, which was a third of the time of a template.
 */
export function viewOf(
  port: ServicePort,
  routes: PortRoutes,
  chain: PortChains,
  context: NodeContext,
  { rules, chains, pools, endpoints }: OwnParts,
): PortView {
  const outside = externalRules(routes.external, chain, detectorWords(context.localDetector).words);
  return {
    id: port.id,
    proto: PROTOCOL_WORDS[port.protocol],
    port: port.port,
    unreachable: port.family === 'IPv6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable',
    comments: !context.large,
    affinitySeconds: port.affinitySeconds,
    hostMask:
      port.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255',
    rejectedIps: rules.rejectedIps,
    rejectedNodePorts: rules.rejectedNodePorts,
    droppedIps: rules.droppedIps,
    droppedNodePorts: rules.droppedNodePorts,
    healthCheckNodePorts: rules.healthCheckNodePorts,
    chains: declaredChains(routes, chain, isFirewalled(routes), chains),
    clusterIps: rules.clusterIps,
    externalIps: rules.externalIps,
    loadBalancerIps: rules.loadBalancerIps,
    nodePorts: rules.nodePorts,
    masquerades: masqueradeRules(routes, chain, context),
    externalClusterPolicy: outside.externalClusterPolicy,
    externalLocalPolicy: outside.externalLocalPolicy,
    externalPools: outside.externalPools,
    firewall: isFirewalled(routes) ? [firewall(port, chain, context, rules)] : NONE,
    pools,
    endpoints,
  };
}

const NONE: readonly never[] = [];

/** An endpoint as `--to-destination` takes it. */
export function destination({ ip, port, target }: Endpoint): string {
  const printed = inetNtop(ip);
  return printed === ip ? target : joinHostPort(printed, port);
}

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

/** Whether traffic of some clients to a cluster IP is masqueraded. */
export function masquerades({ masqueradeAll, localDetector }: NodeContext): boolean {
  return masqueradeAll || localDetector.kind !== 'none';
}

function masqueradeRules(
  { dispatched, internalPool }: PortRoutes,
  chain: PortChains,
  context: NodeContext,
): PortView['masquerades'] {
  if (!masquerades(context)) return NONE;
  const from = context.masqueradeAll ? EVERYBODY : detectorWords(context.localDetector).negated;
  return dispatched.clusterIps.map((ip) => ({
    chain: chain[internalPool],
    host: hostOf(ip),
    notFrom: from.notFrom,
    notIn: from.notIn,
  }));
}

function firewall(
  port: ServicePort,
  chain: PortChains,
  { nodeIp }: NodeContext,
  { firewalledIps }: FrontRules,
): PortView['firewall'][number] {
  return {
    chain: chain.firewall,
    externalChain: chain.external,
    hosts: firewalledIps,
    sources: allowedSources(port, nodeIp).map((cidr) => ({ source: networkText(cidr) })),
  };
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
