/**
 * The Kubernetes objects that vipc reads, cut to the fields it reads, and the snapshot that
 * holds them. Kinds and fields mean what they mean in the Kubernetes API. Objects have passed the
 * schema, so shapes are certain; addresses inside are still text as written, because a stored
 * object may hold a bad one beside good ones.
 */

import type { ObjectRef } from '../diagnostics.js';
import { type Family, type Ip, parseIp } from '../net/ip.js';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type TrafficPolicy = 'Cluster' | 'Local';

export interface ObjectMeta {
  readonly name: string;
  /** Absent on cluster-scoped objects; filled with `default` on the others. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Those alone that kube-proxy reads. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
}

export interface Service {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
    readonly clusterIP?: string;
    readonly clusterIPs?: readonly string[];
    readonly ipFamilies?: readonly Family[];
    readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePortSpec[];
    readonly externalIPs?: readonly string[];
    /** What DNS answers with for an ExternalName; no rule follows it. */
    readonly externalName?: string;
    readonly loadBalancerIP?: string;
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly sessionAffinity?: 'None' | 'ClientIP';
    readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } };
    readonly internalTrafficPolicy?: TrafficPolicy;
    readonly externalTrafficPolicy?: TrafficPolicy;
    readonly healthCheckNodePort?: number;
    readonly allocateLoadBalancerNodePorts?: boolean;
    readonly publishNotReadyAddresses?: boolean;
    /** Read only to make slices from Pods: rules follow the hints of slices. */
    readonly trafficDistribution?: string;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] };
  };
}

export interface ServicePortSpec {
  readonly name?: string;
  readonly protocol?: Protocol;
  /** 1 to 65535. */
  readonly port: number;
  /** A number, or the name of a container port. */
  readonly targetPort?: number | string;
  /** 0 or absent: none. */
  readonly nodePort?: number;
}

export interface LoadBalancerIngress {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ipMode?: 'VIP' | 'Proxy';
}

export interface EndpointSlice {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly metadata: ObjectMeta;
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints: readonly EndpointSpec[];
  /** The index in the input of each endpoint; absent where none was left out. */
  readonly inputIndices?: readonly number[];
  readonly ports?: readonly EndpointPort[] | null;
}

export interface EndpointSpec {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly [K in 'ready' | 'serving' | 'terminating']?: boolean | null };
  /** The Pod's name in DNS, below the Service's; unchecked, as no rule depends on it. */
  readonly hostname?: unknown;
  readonly nodeName?: string | null;
  readonly zone?: string | null;
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  } | null;
}

export interface EndpointPort {
  readonly name?: string | null;
  readonly protocol?: Protocol | null;
  readonly port?: number | null;
}

/** core/v1 Endpoints: read as slices when no slice names the Service. */
export interface Endpoints {
  readonly apiVersion: 'v1';
  readonly kind: 'Endpoints';
  readonly metadata: ObjectMeta;
  readonly subsets?: readonly EndpointSubset[] | null;
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[] | null;
  readonly notReadyAddresses?: readonly EndpointAddress[] | null;
  readonly ports?: readonly EndpointPort[] | null;
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: unknown;
  readonly nodeName?: string | null;
}

export interface Node {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly podCIDR?: string;
    readonly podCIDRs?: readonly string[];
    /** Read by the agent alone: a node that is about to go gets no traffic from load balancers. */
    readonly taints?: readonly { readonly key?: string; readonly effect?: string }[];
  };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}

export interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostname?: string;
    readonly subdomain?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly hostIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface Container {
  readonly name?: string;
  readonly restartPolicy?: string;
  readonly ports?: readonly {
    readonly name?: string;
    readonly containerPort: number;
    readonly protocol?: Protocol;
  }[];
}

export interface ServiceCidr {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'ServiceCIDR';
  readonly metadata: ObjectMeta;
  readonly spec?: { readonly cidrs?: readonly string[] };
}

export type KubernetesObject = Service | EndpointSlice | Endpoints | Node | Pod | ServiceCidr;

/** Label of a slice that names its Service. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Label of Services that another proxy handles. */
export const SERVICE_PROXY_NAME_LABEL = 'service.kubernetes.io/service-proxy-name';
/** Label of slices that belong to headless Services. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
/** Annotation of Services that asks for hints; read up to kube-proxy 1.30. */
export const TOPOLOGY_MODE_ANNOTATION = 'service.kubernetes.io/topology-mode';
/** The older name of the same, which wins where both are there. */
export const TOPOLOGY_HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
/** Label of a Node that names its zone. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** `namespace/name`. */
export type NamespacedName = string;

/**
 * In a set of Services to be left as they are: every Service that the input does not name. No
 * Service can be called that.
 */
export const EVERY_OTHER_SERVICE: NamespacedName = '*';

/**
 * The state of a cluster at one instant, as its API server would hold it: validated, defaulted
 * and indexed. A change gives a new Snapshot that shares every object, array and map entry it
 * did not touch; {@link import('../model/build.js')} skips what is identical.
 */
export interface Snapshot {
  readonly services: ReadonlyMap<NamespacedName, Service>;
  /** The slices of each Service, ordered by slice name; FQDN slices included. */
  readonly slices: ReadonlyMap<NamespacedName, readonly EndpointSlice[]>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly serviceCidrs: readonly ServiceCidr[];
  /** Kinds that were read but mean nothing here, with their number. */
  readonly skippedKinds: ReadonlyMap<string, number>;
}

/** `namespace/name` of an object; `default` where the manifest names no namespace. */
export function namespacedName(metadata: ObjectMeta): NamespacedName {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}

/** What diagnostics call this object. */
export function objectRef(object: {
  readonly kind: string;
  readonly metadata: ObjectMeta;
}): ObjectRef {
  const clusterScoped = object.kind === 'Node' || object.kind === 'ServiceCIDR';
  return {
    kind: object.kind,
    namespace: clusterScoped ? '' : (object.metadata.namespace ?? 'default'),
    name: object.metadata.name,
  };
}

/** The field of an endpoint where the input has it: `endpoints[7]`. */
export function endpointField({ inputIndices }: EndpointSlice, index: number): string {
  return `endpoints[${inputIndices?.[index] ?? index}]`;
}

/** The cluster IPs of a Service, without what is no address. */
export function clusterIpsOf({ spec }: Service): readonly Ip[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((text) => parseIp(text) ?? []);
}

/** The Pod networks of a Node: podCIDR alone where the list begins otherwise, as in Kubernetes. */
export function podCidrsOf({ spec }: Node): readonly string[] {
  const { podCIDR = '', podCIDRs = [] } = spec ?? {};
  return podCIDR === '' || podCIDRs[0] === podCIDR ? podCIDRs : [podCIDR];
}
