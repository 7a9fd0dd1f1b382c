/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for.
 * Everything is decided here; every field is always present, and an empty list means "nothing of the kind".
 */

import { allowedSources, reachOf, usedPools } from '../../../../model/reach.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import type { Ip } from '../../../../net/ip.js';
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

export interface PortView extends FamilyWords {
  readonly proto: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly mark: string;
  /** `namespace/name:port`, cut to the length of a comment. */
  readonly comment: string;
  /** 0: no affinity. */
  readonly affinitySeconds: number;
  readonly chains: readonly { readonly chain: string }[];
  /** Endpoints have chains and sets of their own only under affinity. */
  readonly sticky: readonly { readonly base: string; readonly target: string }[];
  /** The address that all ports of the Service share; 0 or 1. */
  readonly activeIps: readonly { readonly ip: Ip }[];
  readonly services: readonly Dispatch[];
  readonly nodePorts: readonly { readonly nodePort: number; readonly chain: string }[];
  readonly firewalled: readonly Dispatch[];
  readonly firewall: readonly { readonly chain: string; readonly sources: string }[];
  /** Frontends without usable endpoints, with what happens to a packet. */
  readonly refused: readonly { readonly ip: Ip; readonly verdict: string }[];
  readonly refusedNodePorts: readonly { readonly nodePort: number; readonly verdict: string }[];
  /** Local endpoints, which may reach themselves through the Service. */
  readonly hairpins: readonly { readonly ip: Ip; readonly port: number }[];
  readonly externalClusterPolicy: readonly { readonly chain: string }[];
  readonly externalLocalPolicy: readonly {
    readonly chain: string;
    readonly clusterChain: string;
    /** Matches traffic of local pods; `''` where they cannot be told. */
    readonly fromPod: string;
  }[];
  /** Where external traffic goes that was not short-circuited. */
  readonly externalPools: readonly { readonly chain: string; readonly pool: string }[];
  readonly pools: readonly {
    readonly chain: string;
    readonly size: number;
    readonly endpoints: readonly { readonly base: string }[];
    /** The map of a random number to an endpoint, or under affinity to its chain. */
    readonly choices: string;
  }[];
}

/** The view of one port; what kube-proxy's syncProxyRules decides for it. */
export function portView(port: ServicePort, context: NodeContext): PortView {
  const { pools } = port;
  const base = servicePortBase(port);
  const sticky = port.affinitySeconds > 0;
  const chain = {
    cluster: serviceChain('service', base),
    local: serviceChain('local', base),
    external: serviceChain('external', base),
    firewall: serviceChain('firewall', base),
  };
  const reach = reachOf(port);
  const usesFirewall = port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;
  const used = usedPools(port, chain);
  const clusterIps: readonly Ip[] = port.clusterIp === '' ? [] : [port.clusterIp];
  const externalIps = [...new Set([...port.externalIps, ...port.loadBalancerIps])];
  const internalChain = port.internalPolicyLocal ? chain.local : chain.cluster;
  const nodePorts = port.nodePort === 0 ? [] : [port.nodePort];
  const verdict = reach.otherwise === 'drop' ? 'drop' : 'goto reject-chain';
  const refused = [...(reach.internal ? [] : clusterIps), ...(reach.external ? [] : externalIps)];
  return {
    ...familyWords(port.family),
    proto: PROTO[port.protocol],
    port: port.port,
    mark: markText(context),
    comment: commentText(port.id),
    affinitySeconds: port.affinitySeconds,
    chains: [
      ...(reach.handlesExternal ? [chain.external] : []),
      ...(usesFirewall ? [chain.firewall] : []),
      ...used.map((pool) => pool.chain),
    ].map((name) => ({ chain: name })),
    sticky: sticky
      ? pools.reachable.map((e) => ({ base: endpointBase(port, e), target: e.target }))
      : [],
    activeIps: port.first ? clusterIps.map((ip) => ({ ip })) : [],
    services: [
      ...(reach.internal ? clusterIps.map((ip) => ({ ip, chain: internalChain })) : []),
      ...(pools.any ? externalIps.map((ip) => ({ ip, chain: chain.external })) : []),
    ],
    nodePorts: pools.any ? nodePorts.map((nodePort) => ({ nodePort, chain: chain.external })) : [],
    firewalled: usesFirewall
      ? port.loadBalancerIps.map((ip) => ({ ip, chain: chain.firewall }))
      : [],
    firewall: usesFirewall
      ? [{ chain: chain.firewall, sources: networkSet(allowedSources(port, context.nodeIp)) }]
      : [],
    refused: refused.map((ip) => ({ ip, verdict })),
    refusedNodePorts: reach.external ? [] : nodePorts.map((nodePort) => ({ nodePort, verdict })),
    hairpins: pools.reachable.filter((e) => e.local).map((e) => ({ ip: e.ip, port: e.port })),
    externalClusterPolicy:
      reach.handlesExternal && !port.externalPolicyLocal ? [{ chain: chain.external }] : [],
    externalLocalPolicy:
      reach.handlesExternal && port.externalPolicyLocal
        ? [
            {
              chain: chain.external,
              clusterChain: chain.cluster,
              fromPod: matchLocal(context.localDetector, port.family, false),
            },
          ]
        : [],
    externalPools:
      reach.handlesExternal && reach.external
        ? [{ chain: chain.external, pool: port.externalPolicyLocal ? chain.local : chain.cluster }]
        : [],
    pools: used.map((pool) => ({
      chain: pool.chain,
      size: pool.endpoints.length,
      endpoints: sticky ? pool.endpoints.map((e) => ({ base: endpointBase(port, e) })) : [],
      choices: choices(port, pool.endpoints),
    })),
  };
}

const PROTO = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

function choices(port: ServicePort, endpoints: readonly Endpoint[]): string {
  const choice = (endpoint: Endpoint): string =>
    port.affinitySeconds > 0
      ? `goto endpoint-${endpointBase(port, endpoint)}`
      : `${endpoint.ip} . ${endpoint.port}`;
  return endpoints.map((endpoint, i) => `${i} : ${choice(endpoint)}`).join(', ');
}
