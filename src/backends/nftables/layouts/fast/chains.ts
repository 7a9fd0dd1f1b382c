/**
 * The chains that all Services with as many endpoints share. Each looks up the frontend of a packet
 * in a map, so none is of one Service. They and the maps are of one protocol each: nft takes no
 * rule that translates to the ports of a map of several once that map is in the kernel.
 */

import type { ExternalRoute, PoolName, PortRoutes } from '../../../../model/routes.js';
import type { Protocol } from '../../../../model/types.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import type { UnitRole } from '../layout.js';

/** What a packet was sent to: an address of a Service, or a node port. */
export type FrontendKind = 'address' | 'nodeport';

/** A chain that draws one of the endpoints behind a frontend. */
export interface PickChain {
  readonly kind: 'pick';
  readonly frontend: FrontendKind;
  readonly protocol: Protocol;
  readonly pool: PoolName;
  /** How many endpoints there are. */
  readonly size: number;
}

/** A chain that takes traffic from outside the cluster. */
export interface ExternalChain {
  readonly kind: 'external';
  readonly frontend: FrontendKind;
  readonly protocol: Protocol;
  readonly policy: PoolName;
  /** How many endpoints each pool has. */
  readonly cluster: number;
  readonly local: number;
}

export type FastChain = PickChain | ExternalChain;

/** `pick-tcp-3`, `nodeport-pick-udp-local-2`, `external-tcp-3`, `external-tcp-3-local-2`. */
export function nameOf(chain: FastChain): string {
  const { kind, frontend, protocol } = chain;
  const prefix = `${frontend === 'nodeport' ? 'nodeport-' : ''}${kind}-${PROTOCOL_WORDS[protocol]}`;
  if (kind === 'pick') return `${prefix}${chain.pool === 'local' ? '-local' : ''}-${chain.size}`;
  const local = chain.policy === 'local' ? `-local-${chain.local}` : '';
  return `${prefix}-${chain.cluster}${local}`;
}

const PICK = /^(?:nodeport-)?pick-(?:tcp|udp|sctp)-(?:local-)?\d+$/;
const EXTERNAL = /^(?:nodeport-)?external-(?:tcp|udp|sctp)-\d+(?:-local-\d+)?$/;

/** What a chain of such a name is for; `undefined` for another name. */
export function roleOfName(name: string): UnitRole | undefined {
  if (PICK.test(name)) return 'pool';
  return EXTERNAL.test(name) ? 'external' : undefined;
}

/** The pool that new connections from outside are spread over in a chain of such a name. */
export function poolOfName(name: string): PoolName | undefined {
  if (roleOfName(name) === undefined) return undefined;
  return name.includes('-local-') ? 'local' : 'cluster';
}

/** The map that holds the endpoints of a pool behind frontends: `nodeport-local-endpoints-tcp`. */
export function mapOf(frontend: FrontendKind, protocol: Protocol, pool: PoolName): string {
  const prefix = `${frontend === 'nodeport' ? 'nodeport-' : ''}${pool === 'local' ? 'local-' : ''}`;
  return `${prefix}endpoints-${PROTOCOL_WORDS[protocol]}`;
}

const MAP = /^(?:nodeport-)?(?:local-)?endpoints-(?:tcp|udp|sctp)$/;

/** Whether a set of such a name is one of these maps. */
export function isMapName(name: string): boolean {
  return MAP.test(name);
}

/** The chain that the traffic to a ClusterIP goes to; `undefined` where there is none. */
export function internalChain(
  { internalPool, pools }: PortRoutes,
  protocol: Protocol,
): PickChain | undefined {
  const size = sizeOf(pools, internalPool);
  const frontend = 'address';
  return size === 0 ? undefined : { kind: 'pick', frontend, protocol, pool: internalPool, size };
}

/** The chain that the traffic from outside goes to. */
export function externalChain(
  { pools }: PortRoutes,
  { policy }: ExternalRoute,
  frontend: FrontendKind,
  protocol: Protocol,
): ExternalChain {
  const [cluster, local] = [sizeOf(pools, 'cluster'), sizeOf(pools, 'local')];
  return { kind: 'external', frontend, protocol, policy, cluster, local };
}

/** The chain that draws from the pool of an external chain; `undefined` where it is empty. */
export function pickOf(chain: ExternalChain, pool: PoolName): PickChain | undefined {
  const { frontend, protocol, [pool]: size } = chain;
  return size === 0 ? undefined : { kind: 'pick', frontend, protocol, pool, size };
}

/** All chains that an external chain leads to. */
export function picksOf(chain: ExternalChain): readonly PickChain[] {
  const pools: readonly PoolName[] = chain.policy === 'local' ? ['cluster', 'local'] : ['cluster'];
  return pools.flatMap((pool) => pickOf(chain, pool) ?? []);
}

function sizeOf(pools: PortRoutes['pools'], name: PoolName): number {
  return pools.find((pool) => pool.name === name)?.endpoints.length ?? 0;
}
