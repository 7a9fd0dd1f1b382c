/**
 * The data of one Service port that `port.hbs` has holes for, besides that of kube-proxy's layout:
 * chains of pools translate, and endpoints have none of their own. Where a chain would hold nothing
 * but one translation, the rule of the ClusterIP translates.
 */

import { type PoolName, type PortRoutes, routesOf } from '../../../../model/routes.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import { sha256 } from '../../../sha256.js';
import { chanceText } from '../../syntax/values.js';
import { type ChainName, endpointChain, servicePortHash, splitChain } from '../kube-proxy/names.js';
import {
  chainsOf,
  destination,
  frontendsView,
  type PortChains,
  type PortView,
} from '../kube-proxy/view.js';
import { DIRECT_WORDS } from './direct.js';
import { type PoolPart, poolParts } from './split.js';

export interface FastPortView
  extends Pick<PortView, 'id' | 'proto' | 'port' | 'comments' | 'affinitySeconds' | 'hostMask'> {
  /** What the template of kube-proxy's layout has holes for: all chains, and what leads to them. */
  readonly frontends: PortView;
  /** ClusterIPs that lead to an endpoint without a chain in between. */
  readonly direct: readonly {
    readonly host: string;
    /** What the comment says behind the name of the port. */
    readonly words: string;
    readonly destination: string;
  }[];
  /** Rules for clients that have session affinity; empty without it. */
  readonly remembered: readonly (EndpointView & { readonly chain: ChainName })[];
  /** What each chain of a pool draws from. `probability` is `''` for what is left. */
  readonly draws: readonly {
    readonly chain: ChainName;
    readonly parts: readonly { readonly chain: ChainName; readonly probability: string }[];
    readonly endpoints: readonly (EndpointView & { readonly probability: string })[];
  }[];
}

interface EndpointView {
  readonly target: string;
  readonly destination: string;
  /** The list of `xt_recent` with its clients, named as in kube-proxy's layout; `''`: none. */
  readonly list: string;
}

/** The view of one port. */
export function fastPortView(port: ServicePort, context: NodeContext): FastPortView {
  const routes = routesOf(port);
  const chain = chainsOf(port);
  const view = frontendsView(port, routes, chain, context);
  const direct = directEndpoint(port, routes, view);
  if (direct !== undefined) return directView(view, routes.internalPool, direct);
  const listOf = recentLists(port);
  const draws = routes.pools.flatMap((pool) => poolDraws(port, pool, chain[pool.name], listOf));
  return {
    ...portWords(view),
    frontends: draws.length === routes.pools.length ? view : withParts(view, draws),
    direct: NONE,
    remembered: port.affinitySeconds === 0 ? NONE : remembered(routes, chain, listOf),
    draws,
  };
}

const NONE: readonly never[] = [];

type PortWords = Omit<FastPortView, 'frontends' | 'direct' | 'remembered' | 'draws'>;

function portWords({ id, proto, port, comments, affinitySeconds, hostMask }: PortView): PortWords {
  return { id, proto, port, comments, affinitySeconds, hostMask };
}

/** With the chains of parts of pools declared too. */
function withParts(view: PortView, draws: FastPortView['draws']): PortView {
  const own = new Set(view.chains.map(({ chain }) => chain));
  const parts = draws.filter(({ chain }) => !own.has(chain)).map(({ chain }) => ({ chain }));
  return { ...view, chains: [...view.chains, ...parts] };
}

function remembered(
  { pools }: PortRoutes,
  chain: PortChains,
  listOf: ListOf,
): FastPortView['remembered'] {
  return pools.flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => ({
      target: endpoint.target,
      destination: destination(endpoint),
      list: listOf(endpoint),
      chain: chain[name],
    })),
  );
}

/**
 * The endpoint of a pool whose chain would hold nothing but its translation, and that only a
 * ClusterIP leads to.
 */
function directEndpoint(
  { affinitySeconds }: ServicePort,
  { pools, internalPool, external }: PortRoutes,
  { masquerades }: PortView,
): Endpoint | undefined {
  const [pool, ...others] = pools;
  if (pool?.name !== internalPool || others.length > 0 || external !== undefined) return undefined;
  const [endpoint, ...more] = pool.endpoints;
  return affinitySeconds > 0 || masquerades.length > 0 || more.length > 0 ? undefined : endpoint;
}

function directView(view: PortView, pool: PoolName, endpoint: Endpoint): FastPortView {
  return {
    ...portWords(view),
    frontends: { ...view, chains: NONE, clusterIps: NONE },
    direct: view.clusterIps.map(({ host }) => ({
      host,
      words: DIRECT_WORDS[pool],
      destination: destination(endpoint),
    })),
    remembered: NONE,
    draws: NONE,
  };
}

type ListOf = (endpoint: Endpoint) => string;

/** The lists of `xt_recent` of endpoints, `''` without affinity. */
function recentLists(port: ServicePort): ListOf {
  return port.affinitySeconds === 0 ? () => '' : ({ target }) => endpointChain(port, target);
}

/** What the chain of a pool and those of its parts draw from. */
function poolDraws(
  port: ServicePort,
  { name, endpoints }: PortRoutes['pools'][number],
  chain: ChainName,
  listOf: ListOf,
): FastPortView['draws'] {
  const parts = poolParts(endpoints, ({ target }) => sha256(target));
  const nameOf = (path: string): ChainName =>
    path === '' ? chain : splitChain(`${servicePortHash(port)} ${name} ${path}`);
  return parts.map((part) => draw(part, nameOf, listOf));
}

function draw(
  { path, parts, endpoints }: PoolPart<Endpoint>,
  nameOf: (path: string) => ChainName,
  listOf: ListOf,
): FastPortView['draws'][number] {
  let left = parts.reduce((sum, { size }) => sum + size, endpoints.length);
  const take = (size: number): string => {
    const probability = size === left ? '' : chanceText(size, left);
    left -= size;
    return probability;
  };
  return {
    chain: nameOf(path),
    parts: parts.map((part) => ({ chain: nameOf(part.path), probability: take(part.size) })),
    endpoints: endpoints.map((endpoint) => ({
      target: endpoint.target,
      destination: destination(endpoint),
      list: listOf(endpoint),
      probability: take(1),
    })),
  };
}
