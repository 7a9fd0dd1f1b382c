/**
 * The rules of one Service port in chains of every node: what leads to the port, and what refuses
 * packets to it. A layout says which chain each of them stands in.
 */

import type { Frontends, PoolName, PortRoutes } from '../../../../model/routes.js';
import type { NodeContext, ServicePort } from '../../../../model/types.js';
import { addressBits, familyOf, type Ip, inetNtop } from '../../../../net/ip.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { type ChainFor, KINDS, type TreeKind } from '../../dispatch/kinds.js';
import type { ChainName } from './names.js';

/** An address with its prefix length. */
export type HostNetwork = string;

/** `parent`: the chain of every node that the rule stands in. */
export interface AddressRule {
  readonly parent: string;
  readonly host: HostNetwork;
}

export interface NodePortRule {
  readonly parent: string;
  readonly nodePort: number;
}

/** `chain`: where the rule leads. */
export interface DispatchRule extends AddressRule {
  readonly chain: ChainName;
}

export interface NodePortDispatch extends NodePortRule {
  readonly chain: ChainName;
  readonly countLocalhost: boolean;
}

/** Those of a port; an empty list means "no such rule". */
export interface FrontRules {
  readonly rejectedIps: readonly AddressRule[];
  readonly rejectedNodePorts: readonly NodePortRule[];
  readonly droppedIps: readonly AddressRule[];
  readonly droppedNodePorts: readonly NodePortRule[];
  readonly firewalledIps: readonly AddressRule[];
  readonly healthCheckNodePorts: readonly NodePortRule[];
  readonly clusterIps: readonly DispatchRule[];
  readonly externalIps: readonly DispatchRule[];
  readonly loadBalancerIps: readonly DispatchRule[];
  readonly nodePorts: readonly NodePortDispatch[];
}

export type PortChains = Readonly<Record<PoolName | 'external' | 'firewall', ChainName>>;

/** These rules, each in the chain that `chainFor` names. */
export function frontRules(
  port: ServicePort,
  routes: PortRoutes,
  chain: PortChains,
  context: NodeContext,
  chainFor: ChainFor,
): FrontRules {
  const { dispatched, internalPool, refused, refusal } = routes;
  const at: Placing = { chainFor, proto: PROTOCOL_WORDS[port.protocol], port: port.port };
  const outside = isFirewalled(routes) ? chain.firewall : chain.external;
  const refusedIps = refusedAddresses(refused, at);
  const refusedNodePorts = nodePortRules(KINDS.refusedNodePorts, refused.nodePorts, at);
  const isReject = refusal === 'reject';
  return {
    rejectedIps: isReject ? refusedIps : NONE,
    rejectedNodePorts: isReject ? refusedNodePorts : NONE,
    droppedIps: isReject ? NONE : refusedIps,
    droppedNodePorts: isReject ? NONE : refusedNodePorts,
    healthCheckNodePorts: healthCheckRules(port, chainFor),
    clusterIps: dispatchRules(chain[internalPool], dispatched.clusterIps, at),
    externalIps: dispatchRules(chain.external, dispatched.externalIps, at),
    loadBalancerIps: dispatchRules(outside, dispatched.loadBalancerIps, at),
    nodePorts: nodePortDispatches(chain.external, dispatched.nodePorts, at, context),
    firewalledIps: isFirewalled(routes)
      ? addressRules(KINDS.firewalled, port.loadBalancerIps, at)
      : NONE,
  };
}

/** What the places of the rules of a port depend on besides its addresses. */
interface Placing {
  readonly chainFor: ChainFor;
  readonly proto: string;
  readonly port: number;
}

// Most lists are empty: nothing is made for those.
const NONE: readonly never[] = [];

function addressRules(
  kind: TreeKind,
  ips: readonly Ip[],
  { chainFor, proto, port }: Placing,
): readonly AddressRule[] {
  if (ips.length === 0) return NONE;
  return ips.map((ip) => ({ parent: chainFor(kind, ip, proto, port), host: hostOf(ip) }));
}

function refusedAddresses(refused: Frontends, at: Placing): readonly AddressRule[] {
  const { clusterIps, externalIps, loadBalancerIps } = refused;
  if (clusterIps.length + externalIps.length + loadBalancerIps.length === 0) return NONE;
  return [
    ...addressRules(KINDS.refused, clusterIps, at),
    ...addressRules(KINDS.refusedOutside, externalIps, at),
    ...addressRules(KINDS.refusedOutside, loadBalancerIps, at),
  ];
}

function nodePortRules(
  kind: TreeKind,
  nodePorts: readonly number[],
  { chainFor, proto }: Placing,
): readonly NodePortRule[] {
  if (nodePorts.length === 0) return NONE;
  return nodePorts.map((nodePort) => ({ parent: chainFor(kind, '', proto, nodePort), nodePort }));
}

function healthCheckRules(
  { healthCheckNodePort: nodePort }: ServicePort,
  chainFor: ChainFor,
): readonly NodePortRule[] {
  if (nodePort === 0) return NONE;
  return [{ parent: chainFor(KINDS.healthChecked, '', 'tcp', nodePort), nodePort }];
}

function dispatchRules(
  chain: ChainName,
  ips: readonly Ip[],
  { chainFor, proto, port }: Placing,
): readonly DispatchRule[] {
  if (ips.length === 0) return NONE;
  return ips.map((ip) => ({
    parent: chainFor(KINDS.translated, ip, proto, port),
    host: hostOf(ip),
    chain,
  }));
}

function nodePortDispatches(
  chain: ChainName,
  nodePorts: readonly number[],
  { chainFor, proto }: Placing,
  context: NodeContext,
): readonly NodePortDispatch[] {
  if (nodePorts.length === 0) return NONE;
  const countLocalhost = countsLocalhost(context);
  return nodePorts.map((nodePort) => ({
    parent: chainFor(KINDS.translatedNodePorts, '', proto, nodePort),
    nodePort,
    chain,
    countLocalhost,
  }));
}

/** Whether packets to node ports on loopback addresses are counted. */
export function countsLocalhost({ localhostNodePorts, nfacct }: NodeContext): boolean {
  return localhostNodePorts && nfacct.includes('localhost_nps_accepted_pkts');
}

/** Whether not everybody may use the load balancer IPs. */
export function isFirewalled({ external, firewalledIps }: PortRoutes): boolean {
  return external !== undefined && firewalledIps.length > 0;
}

/** The network of one address. */
export function hostOf(ip: Ip): HostNetwork {
  return `${inetNtop(ip)}/${addressBits(familyOf(ip))}`;
}
