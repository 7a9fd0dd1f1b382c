/** Chooses, from all endpoints of a Service port, those that its traffic may use on this node. */

import { byTarget } from './endpoints.js';
import type { Endpoint, Pools } from './types.js';

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

const NO_ENDPOINTS: readonly Endpoint[] = [];

/**
 * The pools of one Service port, with the rules of kube-proxy's CategorizeEndpoints: hints count
 * for policy Cluster alone (KEP-2433, KEP-3015), and each pool falls back to endpoints that still
 * serve while they terminate, on its own, if it has no ready endpoint (KEP-1669).
 */
export function choosePools(endpoints: readonly Endpoint[], request: PoolRequest): Pools {
  const topology = request.usesCluster ? topologyOf(endpoints, request) : '';
  const cluster = request.usesCluster ? clusterPool(endpoints, topology, request) : NO_ENDPOINTS;
  const local = request.usesLocal
    ? readyOrTerminating(endpoints.filter((e) => e.local))
    : NO_ENDPOINTS;
  return {
    cluster,
    local,
    reachable: merge(cluster, local),
    any:
      cluster.length > 0 || (request.usesLocal && endpoints.some((e) => e.ready || isDraining(e))),
    topology,
  };
}

/** Terminating, but its readiness probe still passes. */
function isDraining(endpoint: Endpoint): boolean {
  return endpoint.serving && endpoint.terminating;
}

/** The ready ones, or if there are none those that still serve while they terminate. */
function readyOrTerminating(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((e) => e.ready);
  return ready.length > 0 ? ready : endpoints.filter(isDraining);
}

function clusterPool(
  endpoints: readonly Endpoint[],
  topology: Pools['topology'],
  { nodeName, zone }: PoolRequest,
): readonly Endpoint[] {
  switch (topology) {
    case 'PreferSameNode':
      return endpoints.filter((e) => e.ready && e.nodeHints.includes(nodeName));
    case 'PreferSameZone':
      return endpoints.filter((e) => e.ready && e.zoneHints.includes(zone));
    case '':
      return readyOrTerminating(endpoints);
  }
}

/**
 * Hints are honoured all or nothing: every ready endpoint has one, and one of them is for here.
 * Node before zone.
 */
function topologyOf(
  endpoints: readonly Endpoint[],
  { nodeName, zone }: PoolRequest,
): Pools['topology'] {
  if (hinted(endpoints, (e) => e.nodeHints, nodeName)) return 'PreferSameNode';
  if (hinted(endpoints, (e) => e.zoneHints, zone)) return 'PreferSameZone';
  return '';
}

function hinted(
  endpoints: readonly Endpoint[],
  hintsOf: (endpoint: Endpoint) => readonly string[],
  here: string,
): boolean {
  let found = false;
  for (const endpoint of endpoints) {
    if (!endpoint.ready) continue;
    const hints = hintsOf(endpoint);
    if (hints.length === 0) return false;
    found ||= here !== '' && hints.includes(here);
  }
  return found;
}

/** The union in order; one of the lists itself where it holds the other. */
function merge(cluster: readonly Endpoint[], local: readonly Endpoint[]): readonly Endpoint[] {
  if (local.length === 0) return cluster;
  const present = new Set(cluster);
  const missing = local.filter((endpoint) => !present.has(endpoint));
  if (missing.length === 0) return cluster;
  return cluster.length === 0 ? local : [...cluster, ...missing].sort(byTarget);
}
