/**
 * The meaning of a snapshot on one node, in one IP family: which addresses lead to which endpoints.
 * It has no netfilter terms; {@link ../backends} translate it.
 */

import type { NfacctCounter } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Cidr } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';
import type { ProfilePolicy } from '../profiles/types.js';
import type {
  EndpointSlice,
  NamespacedName,
  Protocol,
  Service,
  Snapshot,
} from '../snapshot/types.js';

export { EVERY_OTHER_SERVICE } from '../snapshot/types.js';
export type { NamespacedName, Protocol };

/** Services by name; the size of a set without an end, such as all but a few, is Infinity. */
export type ServiceNames = Pick<ReadonlySet<NamespacedName>, 'has' | 'size'>;

/**
 * How the node recognises traffic of its own pods: by source network, by incoming interface, or not
 * at all.
 */
export type LocalDetector =
  | { readonly kind: 'none' }
  | { readonly kind: 'source'; readonly cidr: Cidr }
  | { readonly kind: 'interface'; readonly name: string }
  | { readonly kind: 'interface-prefix'; readonly prefix: string };

/** Which addresses of the node accept node ports. */
export type NodePortAddresses =
  | { readonly kind: 'all' }
  | { readonly kind: 'listed'; readonly ips: readonly Ip[] };

/**
 * What a ruleset depends on besides the Services: the node, its host and its configuration.
 * One value per family; with a new value every port is compiled again.
 */
export interface NodeContext {
  readonly family: Family;
  readonly nodeName: string;
  /** `''` where neither the Node's label nor the operator names one. */
  readonly zone: string;
  /** Primary address of the node, or the loopback address where unknown. */
  readonly nodeIp: Ip;
  readonly localDetector: LocalDetector;
  readonly nodePortAddresses: NodePortAddresses;
  /** IPv4 only: node ports also answer on 127.0.0.0/8, which needs the sysctl route_localnet. */
  readonly localhostNodePorts: boolean;
  /** Whether nodePortAddresses names a loopback network, not only one that holds it (KEP-6032). */
  readonly loopbackListed: boolean;
  /** Whether kube-proxy then serves TCP node ports on the loopback address itself. */
  readonly loopbackServed: boolean;
  readonly masqueradeAll: boolean;
  /** Firewall mark that asks for SNAT: 1 << masqueradeBit, unsigned. */
  readonly masqueradeMark: number;
  /** Networks that ClusterIPs come from, in the order of their text. */
  readonly serviceCidrs: readonly Cidr[];
  /** Whether conntrack accepts out-of-window packets, so that INVALID ones need not be dropped. */
  readonly tcpBeLiberal: boolean;
  /** The nfacct objects that rules may count with. */
  readonly nfacct: readonly NfacctCounter[];
  /**
   * More than 1,000 endpoints in this family: kube-proxy leaves out the comments of endpoint rules.
   */
  readonly large: boolean;
}

/** One address and port that can answer for a Service port. */
export interface Endpoint {
  readonly ip: Ip;
  /** 1 to 65535. */
  readonly port: number;
  /** `ip:port`, with brackets around IPv6: the text that is sorted, hashed and shown. */
  readonly target: string;
  /** What kube-proxy up to 1.30 sorts, hashes and shows instead: as the slice spells it. */
  readonly written?: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** On this node. */
  readonly local: boolean;
  readonly nodeName: string;
  readonly zone: string;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/**
 * Which endpoints a Service port uses here, ordered by {@link targetText} (kube-proxy's
 * CategorizeEndpoints).
 */
export interface Pools {
  /** For traffic policy Cluster: ready and allowed by topology, else serving while terminating. */
  readonly cluster: readonly Endpoint[];
  /** For traffic policy Local. Empty where no policy is Local. */
  readonly local: readonly Endpoint[];
  /** All that are in either pool. */
  readonly reachable: readonly Endpoint[];
  /** Whether this port has an endpoint on any node: decides between reject and drop. */
  readonly any: boolean;
  /** Which hints were honoured. */
  readonly topology: '' | 'PreferSameZone' | 'PreferSameNode';
}

/** One port of one Service in one family: what kube-proxy calls a ServicePort. */
export interface ServicePort {
  readonly family: Family;
  readonly service: NamespacedName;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** `namespace/name:port`, without the colon for an unnamed port: as in comments. */
  readonly id: string;
  /** `namespace/name:port PROTOCOL`: what the rules of the port are traced back to. */
  readonly origin: string;
  /** `''` where another Service won this address and port. */
  readonly clusterIp: Ip | '';
  /** Whether this is the first port of its Service; what all ports share is read from it. */
  readonly first: boolean;
  readonly externalIps: readonly Ip[];
  /** Addresses of the load balancer that the node answers itself (ipMode VIP). */
  readonly loadBalancerIps: readonly Ip[];
  /** Networks that may use the load balancer addresses; empty means everybody. */
  readonly sourceRanges: readonly Cidr[];
  /** 0: none. */
  readonly nodePort: number;
  /** 0: none. */
  readonly healthCheckNodePort: number;
  /** Seconds that a client keeps its endpoint; 0: no affinity. */
  readonly affinitySeconds: number;
  readonly internalPolicyLocal: boolean;
  readonly externalPolicyLocal: boolean;
  /**
   * Whether any address outside the cluster was asked for, also one that is switched off or lost.
   */
  readonly externallyAccessible: boolean;
  readonly pools: Pools;
  /** Size of the endpoint list before any selection; kube-proxy counts these for large mode. */
  readonly endpointCount: number;
}

/** An address and port that a Service port answers on, as far as two Services can both claim it. */
export interface Claim {
  /** `10.96.0.1:443/TCP`, or `node:30080/TCP` for a node port. */
  readonly key: string;
  readonly kind: 'cluster' | 'loadbalancer' | 'external' | 'node';
  /** Index into {@link ServiceEntry.wanted}. */
  readonly port: number;
}

/**
 * The ports of one Service with the inputs they were made from, so that an equal input is
 * recognised.
 */
export interface ServiceEntry {
  readonly name: NamespacedName;
  readonly service: Service;
  readonly slices: readonly EndpointSlice[] | undefined;
  /** What the Service asks for. */
  readonly wanted: readonly ServicePort[];
  readonly claims: readonly Claim[];
  /**
   * What it gets: {@link wanted} without the claims that another Service won; the same array where
   * none was lost.
   */
  readonly ports: readonly ServicePort[];
  /** The sum of {@link ServicePort.endpointCount}. */
  readonly endpointCount: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** Keys that more than one Service claims, with the Service that gets each. */
export type Winners = ReadonlyMap<string, NamespacedName>;

/** The parts of the node's context that decide the meaning of a Service. */
export interface ServiceContext {
  readonly family: Family;
  readonly nodeName: string;
  readonly zone: string;
  /** Whether `spec.externalIPs` is honoured (feature gate AllowServiceExternalIPs, KEP-5707). */
  readonly allowExternalIps: boolean;
  /** What else the version of kube-proxy decides. */
  readonly policy: ProfilePolicy;
}

/** What a snapshot means on one node, in one IP family. */
export interface Model {
  readonly context: NodeContext;
  readonly serviceContext: ServiceContext;
  /** In the one order of the output: by Service, port name and protocol. */
  readonly ports: readonly ServicePort[];
  /** The objects that it was made from: what is not identical in a later snapshot has changed. */
  readonly objects: Pick<Snapshot, 'services' | 'slices'>;
  /**
   * What {@link ports} were made from, in the same order; an update starts here. By name:
   * {@link ./entries}.
   */
  readonly entries: readonly ServiceEntry[];
  readonly winners: Winners;
  readonly diagnostics: readonly Diagnostic[];
}
