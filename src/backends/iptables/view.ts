/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for.
 * Everything is decided here; every field is always present, and an empty list means "no such rule".
 */

import type { Endpoint, NodeContext, ServicePort } from '../../model/types.js';
import { cidrContains, hostCidr } from '../../net/cidr.js';
import { type Ip, inetNtop, joinHostPort } from '../../net/ip.js';
import { detectorWords, EVERYBODY, networkText } from './detector-words.js';
import { type ChainName, endpointChain, serviceChain, servicePortHash } from './names.js';
import { oneIn } from './probability.js';

/** An address as iptables prints it in a rule, with its prefix length. */
type Host = string;

export interface PortView {
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
  /** Which cluster IP traffic gets its source address changed; the detector's words stand before or after `-d`. */
  readonly masquerades: readonly {
    readonly chain: ChainName;
    readonly host: Host;
    readonly notFrom: string;
    readonly notIn: string;
  }[];
  readonly externalClusterPolicy: readonly { readonly chain: ChainName }[];
  readonly externalLocalPolicy: readonly {
    readonly chain: ChainName;
    readonly clusterChain: ChainName;
    readonly fromPod: string;
  }[];
  /** Where external traffic goes that was not short-circuited. */
  readonly externalPools: readonly { readonly chain: ChainName; readonly pool: ChainName }[];
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

/** The view of one port; what kube-proxy's syncProxyRules decides for it. */
export function portView(port: ServicePort, context: NodeContext): PortView {
  const { pools } = port;
  const hash = servicePortHash(port);
  const chain = {
    cluster: serviceChain('SVC', hash),
    local: serviceChain('SVL', hash),
    external: serviceChain('EXT', hash),
    firewall: serviceChain('FW', hash),
  };
  const internalOpen = pools.any && (!port.internalPolicyLocal || pools.local.length > 0);
  const externalOpen = pools.any && (!port.externalPolicyLocal || pools.local.length > 0);
  const usesExternal = pools.any && port.externallyAccessible;
  const usesFirewall = pools.any && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;
  const usedPools = [
    { chain: chain.cluster, endpoints: pools.cluster },
    { chain: chain.local, endpoints: pools.local },
  ].filter((pool) => pool.endpoints.length > 0);
  const internalChain = port.internalPolicyLocal ? chain.local : chain.cluster;
  const chainOf = new Map(
    pools.reachable.map((endpoint) => [endpoint, endpointChain(port, endpoint.target)]),
  );
  const clusterIps = port.clusterIp === '' ? [] : [host(port.clusterIp)];
  const external = [...port.externalIps, ...port.loadBalancerIps].map(host);
  const refusals = [
    ...(internalOpen ? [] : clusterIps.map((ip) => ({ chain: 'KUBE-SERVICES', host: ip }))),
    ...(externalOpen ? [] : external.map((ip) => ({ chain: 'KUBE-EXTERNAL-SERVICES', host: ip }))),
  ];
  const refusedNodePorts = externalOpen || port.nodePort === 0 ? [] : [{ nodePort: port.nodePort }];
  const detector = detectorWords(context.localDetector);
  return {
    id: port.id,
    proto: PROTO[port.protocol],
    port: port.port,
    unreachable: port.family === 'IPv6' ? 'icmp6-port-unreachable' : 'icmp-port-unreachable',
    comments: !context.large,
    affinitySeconds: port.affinitySeconds,
    hostMask:
      port.family === 'IPv6' ? 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' : '255.255.255.255',
    rejectedIps: pools.any ? [] : refusals,
    rejectedNodePorts: pools.any ? [] : refusedNodePorts,
    droppedIps: pools.any ? refusals : [],
    droppedNodePorts: pools.any ? refusedNodePorts : [],
    healthCheckNodePorts:
      port.healthCheckNodePort === 0 ? [] : [{ nodePort: port.healthCheckNodePort }],
    chains: [
      ...(usesExternal ? [chain.external] : []),
      ...(usesFirewall ? [chain.firewall] : []),
      ...usedPools.map((pool) => pool.chain),
      ...chainOf.values(),
    ].map((name) => ({ chain: name })),
    clusterIps: internalOpen ? clusterIps.map((ip) => ({ host: ip, chain: internalChain })) : [],
    externalIps: pools.any
      ? port.externalIps.map((ip) => ({ host: host(ip), chain: chain.external }))
      : [],
    loadBalancerIps: pools.any
      ? port.loadBalancerIps.map((ip) => ({
          host: host(ip),
          chain: usesFirewall ? chain.firewall : chain.external,
        }))
      : [],
    nodePorts:
      pools.any && port.nodePort !== 0
        ? [
            {
              nodePort: port.nodePort,
              chain: chain.external,
              countLocalhost: context.localhostNodePorts && context.nfacct,
            },
          ]
        : [],
    masquerades:
      internalOpen && (context.masqueradeAll || detector.known)
        ? clusterIps.map((ip) => ({
            chain: internalChain,
            host: ip,
            ...(context.masqueradeAll ? EVERYBODY : detector.negated),
          }))
        : [],
    externalClusterPolicy:
      usesExternal && !port.externalPolicyLocal ? [{ chain: chain.external }] : [],
    externalLocalPolicy:
      usesExternal && port.externalPolicyLocal
        ? [{ chain: chain.external, clusterChain: chain.cluster, fromPod: detector.words }]
        : [],
    externalPools:
      usesExternal && externalOpen
        ? [{ chain: chain.external, pool: port.externalPolicyLocal ? chain.local : chain.cluster }]
        : [],
    firewall: usesFirewall
      ? [
          {
            chain: chain.firewall,
            externalChain: chain.external,
            hosts: port.loadBalancerIps.map((ip) => ({ host: host(ip) })),
            sources: allowedSources(port, context.nodeIp),
          },
        ]
      : [],
    pools: usedPools.map((pool) => ({
      chain: pool.chain,
      endpoints: picks(pool.endpoints, chainOf),
    })),
    endpoints: [...chainOf].map(([endpoint, name]) => ({
      chain: name,
      host: host(endpoint.ip),
      destination: joinHostPort(inetNtop(endpoint.ip), endpoint.port),
    })),
  };
}

const PROTO = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

function host(ip: Ip): Host {
  return networkText(hostCidr(ip));
}

/**
 * Networks that may use the load balancer addresses. If the node itself may, its traffic can arrive
 * with the load balancer address as source, because that address is routed to loopback: allow it too.
 */
function allowedSources(port: ServicePort, nodeIp: Ip): readonly { readonly source: string }[] {
  const nodeAllowed = port.sourceRanges.some((cidr) => cidrContains(cidr, nodeIp));
  return [
    ...port.sourceRanges.map(networkText),
    ...(nodeAllowed ? port.loadBalancerIps.map(host) : []),
  ].map((source) => ({ source }));
}

/** Equal shares: one in n for the first, one in n-1 of the rest for the second, and so on. */
function picks(
  endpoints: readonly Endpoint[],
  chainOf: ReadonlyMap<Endpoint, ChainName>,
): PortView['pools'][number]['endpoints'] {
  return endpoints.flatMap((endpoint, i) => {
    const chain = chainOf.get(endpoint);
    const left = endpoints.length - i;
    return chain === undefined
      ? []
      : [{ chain, target: endpoint.target, probability: left === 1 ? '' : oneIn(left) }];
  });
}
