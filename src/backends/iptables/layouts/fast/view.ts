/**
 * The data of one Service port that `port.hbs` has holes for, besides that of kube-proxy's layout:
 * chains of pools translate, and endpoints have none of their own. Where a chain would hold nothing
 * but one translation, the rule of the ClusterIP translates.
 */

import { type PoolName, type PortRoutes, routesOf } from '../../../../model/routes.js';
import type { Endpoint, NodeContext, ServicePort } from '../../../../model/types.js';
import type { Ip } from '../../../../net/ip.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { sha256 } from '../../../sha256.js';
import {
  type ChainFor,
  KINDS,
  type RuleKey,
  rootFor,
  type TreeKind,
  treeKey,
} from '../../dispatch/kinds.js';
import { chanceText } from '../../syntax/values.js';
import {
  countsLocalhost,
  frontRules,
  isFirewalled,
  type PortChains,
} from '../kube-proxy/front-rules.js';
import { type ChainName, endpointChain, servicePortHash, splitChain } from '../kube-proxy/names.js';
import { chainsOf, destination, masquerades, type PortView, viewOf } from '../kube-proxy/view.js';
import { DIRECT_WORDS } from './direct.js';
import { type PoolPart, poolParts } from './split.js';

export interface FastPortView
  extends Pick<PortView, 'id' | 'proto' | 'port' | 'comments' | 'affinitySeconds' | 'hostMask'> {
  /** What the template of kube-proxy's layout has holes for: all chains, and what leads to them. */
  readonly frontends: PortView;
  /** ClusterIPs that lead to an endpoint without a chain in between. */
  readonly direct: readonly {
    readonly parent: string;
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

/** The view of one port; `chainFor` says where its rules in chains of every node stand. */
export function fastPortView(
  port: ServicePort,
  context: NodeContext,
  chainFor: ChainFor = rootFor,
): FastPortView {
  const routes = routesOf(port);
  const chain = chainsOf(port);
  const rules = frontRules(port, routes, chain, context, chainFor);
  const viewWith = (parts: readonly ChainName[]): PortView =>
    viewOf(port, routes, chain, context, { rules, chains: parts, pools: NONE, endpoints: NONE });
  const direct = directEndpoint(port, routes, context);
  if (direct !== undefined) return directView(viewWith(NONE), routes.internalPool, direct);
  const listOf = recentLists(port);
  const draws = routes.pools.flatMap((pool) => poolDraws(port, pool, chain[pool.name], listOf));
  return fastView(viewWith(partChains(routes, chain, draws)), {
    direct: NONE,
    remembered: port.affinitySeconds === 0 ? NONE : remembered(routes, chain, listOf),
    draws,
  });
}

const NONE: readonly never[] = [];

/** The keys of the rules of a port in trees, one for each rule that {@link frontRules} makes. */
export function keysOf(port: ServicePort, context: NodeContext): readonly RuleKey[] {
  const routes = routesOf(port);
  const { dispatched, refused } = routes;
  const keys: RuleKey[] = [];
  addIps(keys, KINDS.translated, dispatched.clusterIps, port);
  addIps(keys, KINDS.translated, dispatched.externalIps, port);
  addIps(keys, KINDS.translated, dispatched.loadBalancerIps, port);
  addIps(keys, KINDS.refused, refused.clusterIps, port);
  addIps(keys, KINDS.refusedOutside, refused.externalIps, port);
  addIps(keys, KINDS.refusedOutside, refused.loadBalancerIps, port);
  if (isFirewalled(routes)) addIps(keys, KINDS.firewalled, port.loadBalancerIps, port);
  const proto = PROTOCOL_WORDS[port.protocol];
  for (const nodePort of dispatched.nodePorts) {
    addPort(keys, KINDS.translatedNodePorts, proto, nodePort);
    // Packets to localhost are counted by a rule of their own.
    if (countsLocalhost(context)) addPort(keys, KINDS.translatedNodePorts, proto, nodePort);
  }
  for (const nodePort of refused.nodePorts) addPort(keys, KINDS.refusedNodePorts, proto, nodePort);
  const { healthCheckNodePort } = port;
  if (healthCheckNodePort !== 0) addPort(keys, KINDS.healthChecked, 'tcp', healthCheckNodePort);
  return keys;
}

function addIps(
  keys: RuleKey[],
  kind: TreeKind,
  ips: readonly Ip[],
  { protocol, port }: ServicePort,
): void {
  for (const ip of ips) keys.push({ kind, key: treeKey(ip, PROTOCOL_WORDS[protocol], port) });
}

function addPort(keys: RuleKey[], kind: TreeKind, proto: string, port: number): void {
  keys.push({ kind, key: treeKey('', proto, port) });
}

function fastView(
  frontends: PortView,
  { direct, remembered, draws }: Pick<FastPortView, 'direct' | 'remembered' | 'draws'>,
): FastPortView {
  return {
    id: frontends.id,
    proto: frontends.proto,
    port: frontends.port,
    comments: frontends.comments,
    affinitySeconds: frontends.affinitySeconds,
    hostMask: frontends.hostMask,
    frontends,
    direct,
    remembered,
    draws,
  };
}

/** The chains of parts of pools. */
function partChains(
  { pools }: PortRoutes,
  chain: PortChains,
  draws: FastPortView['draws'],
): readonly ChainName[] {
  if (draws.length === pools.length) return NONE;
  const own = new Set(pools.map(({ name }) => chain[name]));
  return draws.flatMap((one) => (own.has(one.chain) ? [] : [one.chain]));
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
  { pools, internalPool, external, dispatched }: PortRoutes,
  context: NodeContext,
): Endpoint | undefined {
  const [pool, ...others] = pools;
  if (pool?.name !== internalPool || others.length > 0 || external !== undefined) return undefined;
  const [endpoint, ...more] = pool.endpoints;
  if (affinitySeconds > 0 || more.length > 0) return undefined;
  return dispatched.clusterIps.length > 0 && masquerades(context) ? undefined : endpoint;
}

function directView(view: PortView, pool: PoolName, endpoint: Endpoint): FastPortView {
  const frontends = { ...view, chains: NONE, clusterIps: NONE };
  const direct = view.clusterIps.map(({ parent, host }) => ({
    ...{ parent, host, words: DIRECT_WORDS[pool] },
    destination: destination(endpoint),
  }));
  return fastView(frontends, { direct, remembered: NONE, draws: NONE });
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
  const parts = poolParts(endpoints, hashOf);
  const nameOf = (path: string): ChainName =>
    path === '' ? chain : splitChain(`${servicePortHash(port)} ${name} ${path}`);
  return parts.map((part) => draw(part, nameOf, listOf));
}

function hashOf({ target }: Endpoint): string {
  return sha256(target);
}

function draw(
  { path, parts, endpoints }: PoolPart<Endpoint>,
  nameOf: (path: string) => ChainName,
  listOf: ListOf,
): FastPortView['draws'][number] {
  let left = endpoints.length;
  for (const { size } of parts) left += size;
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
