/**
 * Turns the meaning of one Service port into the plain data that `port.hbs` has holes for.
 * Everything is decided here; every field is always present, and an empty list means "no such rule".
 */

import { allowedSources, reachOf, usedPools } from '../../../../model/reach.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import { hostCidr } from '../../../../net/cidr.js';
import { type Ip, inetNtop, joinHostPort } from '../../../../net/ip.js';
import { oneIn } from '../../syntax/probability.js';
import { type ChainName, endpointChain, serviceChain, servicePortHash } from './names.js';
import { detectorWords, EVERYBODY, networkText } from './view-words.js';

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
  const reach = reachOf(port);
  const usesFirewall = pools.any && port.loadBalancerIps.length > 0 && port.sourceRanges.length > 0;
  const used = usedPools(port, chain);
  const internalChain = port.internalPolicyLocal ? chain.local : chain.cluster;
  const chainOf = new Map(
    pools.reachable.map((endpoint) => [endpoint, endpointChain(port, endpoint.target)]),
  );
  const clusterIps = port.clusterIp === '' ? [] : [host(port.clusterIp)];
  const external = [...port.externalIps, ...port.loadBalancerIps].map(host);
  const refusals = [
    ...(reach.internal ? [] : clusterIps.map((ip) => ({ chain: 'KUBE-SERVICES', host: ip }))),
    ...(reach.external
      ? []
      : external.map((ip) => ({ chain: 'KUBE-EXTERNAL-SERVICES', host: ip }))),
  ];
  const refusedNodePorts =
    reach.external || port.nodePort === 0 ? [] : [{ nodePort: port.nodePort }];
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
    rejectedIps: reach.otherwise === 'reject' ? refusals : [],
    rejectedNodePorts: reach.otherwise === 'reject' ? refusedNodePorts : [],
    droppedIps: reach.otherwise === 'drop' ? refusals : [],
    droppedNodePorts: reach.otherwise === 'drop' ? refusedNodePorts : [],
    healthCheckNodePorts:
      port.healthCheckNodePort === 0 ? [] : [{ nodePort: port.healthCheckNodePort }],
    chains: [
      ...(reach.handlesExternal ? [chain.external] : []),
      ...(usesFirewall ? [chain.firewall] : []),
      ...used.map((pool) => pool.chain),
      ...chainOf.values(),
    ].map((name) => ({ chain: name })),
    clusterIps: reach.internal ? clusterIps.map((ip) => ({ host: ip, chain: internalChain })) : [],
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
      reach.internal && (context.masqueradeAll || detector.known)
        ? clusterIps.map((ip) => ({
            chain: internalChain,
            host: ip,
            ...(context.masqueradeAll ? EVERYBODY : detector.negated),
          }))
        : [],
    externalClusterPolicy:
      reach.handlesExternal && !port.externalPolicyLocal ? [{ chain: chain.external }] : [],
    externalLocalPolicy:
      reach.handlesExternal && port.externalPolicyLocal
        ? [{ chain: chain.external, clusterChain: chain.cluster, fromPod: detector.words }]
        : [],
    externalPools:
      reach.handlesExternal && reach.external
        ? [{ chain: chain.external, pool: port.externalPolicyLocal ? chain.local : chain.cluster }]
        : [],
    firewall: usesFirewall
      ? [
          {
            chain: chain.firewall,
            externalChain: chain.external,
            hosts: port.loadBalancerIps.map((ip) => ({ host: host(ip) })),
            sources: allowedSources(port, context.nodeIp).map((cidr) => ({
              source: networkText(cidr),
            })),
          },
        ]
      : [],
    pools: used.map((pool) => ({
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
