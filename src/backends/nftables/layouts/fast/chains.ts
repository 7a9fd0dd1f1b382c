/**
 * The chains that all Services with as many endpoints share. Each looks up the frontend of a packet
 * in a map, so none is of one Service.
 */

import type { ExternalRoute, PoolName, PortRoutes } from '../../../../model/routes.js';
import type { UnitRole } from '../layout.js';

/** What a packet was sent to: an address of a Service, or a node port. */
export type FrontendKind = 'address' | 'nodeport';

/** A chain that draws one of the endpoints behind a frontend. */
export interface PickChain {
  readonly kind: 'pick';
  readonly frontend: FrontendKind;
  readonly pool: PoolName;
  /** How many endpoints there are. */
  readonly size: number;
}

/** A chain that takes traffic from outside the cluster. */
export interface ExternalChain {
  readonly kind: 'external';
  readonly frontend: FrontendKind;
  readonly policy: PoolName;
  /** How many endpoints each pool has. */
  readonly cluster: number;
  readonly local: number;
}

export type FastChain = PickChain | ExternalChain;

/** `pick-3`, `nodeport-pick-local-2`, `external-3`, `nodeport-external-3-local-2`. */
export function nameOf(chain: FastChain): string {
  const prefix = chain.frontend === 'nodeport' ? 'nodeport-' : '';
  if (chain.kind === 'pick')
    return `${prefix}pick-${chain.pool === 'local' ? 'local-' : ''}${chain.size}`;
  const local = chain.policy === 'local' ? `-local-${chain.local}` : '';
  return `${prefix}external-${chain.cluster}${local}`;
}

const NAME = /^(?:nodeport-)?(pick-(?:local-)?|external-)\d+(?:-local-\d+)?$/;

/** What a chain of such a name is for; `undefined` for another name. */
export function roleOfName(name: string): UnitRole | undefined {
  const word = NAME.exec(name)?.[1];
  if (word === undefined) return undefined;
  return word === 'external-' ? 'external' : 'pool';
}

/** The pool that new connections from outside are spread over in a chain of such a name. */
export function poolOfName(name: string): PoolName | undefined {
  if (roleOfName(name) === undefined) return undefined;
  return name.includes('-local-') ? 'local' : 'cluster';
}

/** The map that holds the endpoints of a pool behind frontends. */
export function mapOf(frontend: FrontendKind, pool: PoolName): string {
  const local = pool === 'local' ? 'local-' : '';
  return `${frontend === 'nodeport' ? 'nodeport-' : ''}${local}endpoints`;
}

/** All of them. */
export const NODE_MAPS: ReadonlySet<string> = new Set(
  (['address', 'nodeport'] as const).flatMap((frontend) =>
    (['cluster', 'local'] as const).map((pool) => mapOf(frontend, pool)),
  ),
);

/** The chain that the traffic to a ClusterIP goes to; `undefined` where there is none. */
export function internalChain({ internalPool, pools }: PortRoutes): PickChain | undefined {
  const size = sizeOf(pools, internalPool);
  return size === 0 ? undefined : pickChain('address', internalPool, size);
}

/** The chain that the traffic from outside goes to. */
export function externalChain(
  { pools }: PortRoutes,
  { policy }: ExternalRoute,
  frontend: FrontendKind,
): ExternalChain {
  const [cluster, local] = [sizeOf(pools, 'cluster'), sizeOf(pools, 'local')];
  return { kind: 'external', frontend, policy, cluster, local };
}

/** The chain that draws from the pool of an external chain; `undefined` where it is empty. */
export function pickOf(chain: ExternalChain, pool: PoolName): PickChain | undefined {
  return chain[pool] === 0 ? undefined : pickChain(chain.frontend, pool, chain[pool]);
}

/** All chains that an external chain leads to. */
export function picksOf(chain: ExternalChain): readonly PickChain[] {
  const pools: readonly PoolName[] = chain.policy === 'local' ? ['cluster', 'local'] : ['cluster'];
  return pools.flatMap((pool) => pickOf(chain, pool) ?? []);
}

function pickChain(frontend: FrontendKind, pool: PoolName, size: number): PickChain {
  return { kind: 'pick', frontend, pool, size };
}

function sizeOf(pools: PortRoutes['pools'], name: PoolName): number {
  return pools.find((pool) => pool.name === name)?.endpoints.length ?? 0;
}
