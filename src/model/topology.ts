/** Chooses, from all endpoints of a Service port, those that its traffic may use on this node. */

import { byTarget } from './endpoints.js';
import type { Endpoint, Pools, ServiceContext, ServicePort } from './types.js';

/** What the choice depends on besides the endpoints. */
export interface PoolRequest {
  /**
   * Some traffic uses policy Cluster: always, unless the internal policy is Local and nothing is
   * external.
   */
  readonly usesCluster: boolean;
  /** Some traffic uses policy Local. */
  readonly usesLocal: boolean;
  readonly nodeName: string;
  readonly zone: string;
}

/** What of a Service port and its node decides about its pools. */
export function poolRequest(
  {
    internalPolicyLocal,
    externalPolicyLocal,
  }: Pick<ServicePort, 'internalPolicyLocal' | 'externalPolicyLocal'>,
  externallyAccessible: boolean,
  { nodeName, zone }: Pick<ServiceContext, 'nodeName' | 'zone'>,
): PoolRequest {
  return {
    usesCluster: !internalPolicyLocal || externallyAccessible,
    usesLocal: internalPolicyLocal || (externalPolicyLocal && externallyAccessible),
    nodeName,
    zone,
  };
}

/**
 * Why an endpoint is in a pool (the first two) or not.
 *
 * - `ready`: and in the cluster pool allowed by hints, where these are honoured.
 * - `draining`: it terminates but still serves, and the pool has no ready endpoint (KEP-1669).
 * - `not-ready`: neither ready nor terminating.
 * - `terminating`: it still serves, but the pool has ready endpoints.
 * - `not-serving`: it terminates and does not serve.
 * - `other-node`, `other-zone`: ready, but hints give it to clients elsewhere.
 * - `not-local`: policy Local, and it is on another node.
 * - `unused-policy`: no traffic of the Service uses the policy of this pool.
 */
export type PoolReason =
  | 'ready'
  | 'draining'
  | 'not-ready'
  | 'terminating'
  | 'not-serving'
  | 'other-node'
  | 'other-zone'
  | 'not-local'
  | 'unused-policy';

/**
 * Whether hints of one kind are honoured, and if not why: no ready endpoint has any (`absent`),
 * some ready endpoint has none (`incomplete`), the name of this node or zone is unknown
 * (`unknown-here`), or none is for it (`not-here`).
 */
export type HintUse = 'honoured' | 'absent' | 'incomplete' | 'unknown-here' | 'not-here';

/** What decides about all endpoints of a Service port together. */
export interface Selection {
  readonly request: PoolRequest;
  readonly nodeHints: HintUse;
  readonly zoneHints: HintUse;
  readonly topology: Pools['topology'];
  readonly anyReady: boolean;
  readonly anyLocalReady: boolean;
}

const NO_ENDPOINTS: readonly Endpoint[] = [];

/**
 * What the endpoints of a Service port have in common. Hints count for policy Cluster alone
 * (KEP-2433, KEP-3015), and are honoured all or nothing: every ready endpoint has one, and one of
 * them is for here. Node before zone.
 */
export function selectionOf(endpoints: readonly Endpoint[], request: PoolRequest): Selection {
  const ready = only(endpoints, (e) => e.ready);
  const nodeHints = hintUse(ready, (e) => e.nodeHints, request.nodeName);
  const zoneHints = hintUse(ready, (e) => e.zoneHints, request.zone);
  const hinted =
    nodeHints === 'honoured' ? 'PreferSameNode' : zoneHints === 'honoured' ? 'PreferSameZone' : '';
  return {
    request,
    nodeHints,
    zoneHints,
    topology: request.usesCluster ? hinted : '',
    anyReady: ready.length > 0,
    anyLocalReady: ready.some((e) => e.local),
  };
}

/** Why an endpoint is in the pool of policy Cluster or not. */
export function clusterReason(
  endpoint: Endpoint,
  { request, topology, anyReady }: Selection,
): PoolReason {
  if (!request.usesCluster) return 'unused-policy';
  const reason = readiness(endpoint, anyReady);
  if (reason !== 'ready') return reason;
  if (topology === 'PreferSameNode' && !endpoint.nodeHints.includes(request.nodeName))
    return 'other-node';
  if (topology === 'PreferSameZone' && !endpoint.zoneHints.includes(request.zone))
    return 'other-zone';
  return 'ready';
}

/** Why an endpoint is in the pool of policy Local or not. */
export function localReason(endpoint: Endpoint, { request, anyLocalReady }: Selection): PoolReason {
  if (!request.usesLocal) return 'unused-policy';
  return endpoint.local ? readiness(endpoint, anyLocalReady) : 'not-local';
}

/** Whether a reason is one to be in a pool. */
export function isChosen(reason: PoolReason): boolean {
  return reason === 'ready' || reason === 'draining';
}

/**
 * The pools of one Service port, with the rules of kube-proxy's CategorizeEndpoints. Each pool on
 * its own falls back to endpoints that still serve while they terminate.
 */
export function choosePools(endpoints: readonly Endpoint[], request: PoolRequest): Pools {
  const selection = selectionOf(endpoints, request);
  const cluster = request.usesCluster
    ? only(endpoints, (endpoint) => isChosen(clusterReason(endpoint, selection)))
    : NO_ENDPOINTS;
  const local = request.usesLocal
    ? only(endpoints, (endpoint) => isChosen(localReason(endpoint, selection)))
    : NO_ENDPOINTS;
  return {
    cluster,
    local,
    reachable: merge(cluster, local),
    any:
      cluster.length > 0 || (request.usesLocal && endpoints.some((e) => e.ready || isDraining(e))),
    topology: selection.topology,
  };
}

/** Those that meet the condition: most often all, which need no list of their own. */
function only(
  endpoints: readonly Endpoint[],
  isMet: (endpoint: Endpoint) => boolean,
): readonly Endpoint[] {
  return endpoints.every(isMet) ? endpoints : endpoints.filter(isMet);
}

/** Terminating, but its readiness probe still passes. */
function isDraining(endpoint: Endpoint): boolean {
  return endpoint.serving && endpoint.terminating;
}

/** What the conditions of an endpoint mean in a pool with ready endpoints, or without. */
function readiness(endpoint: Endpoint, anyReady: boolean): PoolReason {
  if (endpoint.ready) return 'ready';
  if (!endpoint.terminating) return 'not-ready';
  if (!endpoint.serving) return 'not-serving';
  return anyReady ? 'terminating' : 'draining';
}

function hintUse(
  ready: readonly Endpoint[],
  hintsOf: (endpoint: Endpoint) => readonly string[],
  here: string,
): HintUse {
  const isHinted = (endpoint: Endpoint): boolean => hintsOf(endpoint).length > 0;
  if (!ready.some(isHinted)) return 'absent';
  if (!ready.every(isHinted)) return 'incomplete';
  if (here === '') return 'unknown-here';
  return ready.some((endpoint) => hintsOf(endpoint).includes(here)) ? 'honoured' : 'not-here';
}

/** The union in order; one of the lists itself where it holds the other. */
function merge(cluster: readonly Endpoint[], local: readonly Endpoint[]): readonly Endpoint[] {
  if (local.length === 0) return cluster;
  const present = new Set(cluster);
  const missing = local.filter((endpoint) => !present.has(endpoint));
  if (missing.length === 0) return cluster;
  return cluster.length === 0 ? local : [...cluster, ...missing].sort(byTarget);
}
