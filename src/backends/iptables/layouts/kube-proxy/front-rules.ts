/**
 * The rules of one Service port in chains of every node: what leads to the port, and what refuses
 * packets to it. A layout says which chain each of them stands in.
 */

import type { PoolName, PortRoutes } from '../../../../model/routes.js';
import type { NodeContext, ServicePort } from '../../../../model/types.js';
import { hostCidr } from '../../../../net/cidr.js';
import type { Ip } from '../../../../net/ip.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { type ChainFor, KINDS, type TreeKind } from '../../dispatch/kinds.js';
import type { ChainName } from './names.js';
import { networkText } from './view-words.js';

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
  const proto = PROTOCOL_WORDS[port.protocol];
  const { dispatched, internalPool, refused, refusal } = routes;
  const inTree = (kind: TreeKind, ips: readonly Ip[]): readonly AddressRule[] =>
    ips.length === 0
      ? NONE
      : ips.map((ip) => ({ parent: chainFor(kind, ip, proto, port.port), host: hostOf(ip) }));
  const to = (name: ChainName, ips: readonly Ip[]): readonly DispatchRule[] =>
    ips.length === 0
      ? NONE
      : ips.map((ip) => ({
          parent: chainFor(KINDS.translated, ip, proto, port.port),
          host: hostOf(ip),
          chain: name,
        }));
  const atPort = (kind: TreeKind, protocol: string, nodePort: number): NodePortRule => ({
    parent: chainFor(kind, '', protocol, nodePort),
    nodePort,
  });
  const outside = isFirewalled(routes) ? chain.firewall : chain.external;
  const ips = [
    ...inTree(KINDS.refused, refused.clusterIps),
    ...inTree(KINDS.refusedOutside, refused.externalIps),
    ...inTree(KINDS.refusedOutside, refused.loadBalancerIps),
  ];
  const nodePorts = refused.nodePorts.map((one) => atPort(KINDS.refusedNodePorts, proto, one));
  const isReject = refusal === 'reject';
  const { healthCheckNodePort } = port;
  return {
    rejectedIps: isReject ? ips : NONE,
    rejectedNodePorts: isReject ? nodePorts : NONE,
    droppedIps: isReject ? NONE : ips,
    droppedNodePorts: isReject ? NONE : nodePorts,
    healthCheckNodePorts:
      healthCheckNodePort === 0 ? NONE : [atPort(KINDS.healthChecked, 'tcp', healthCheckNodePort)],
    clusterIps: to(chain[internalPool], dispatched.clusterIps),
    externalIps: to(chain.external, dispatched.externalIps),
    loadBalancerIps: to(outside, dispatched.loadBalancerIps),
    nodePorts: dispatched.nodePorts.map((nodePort) => ({
      parent: chainFor(KINDS.translatedNodePorts, '', proto, nodePort),
      nodePort,
      chain: chain.external,
      countLocalhost:
        context.localhostNodePorts && context.nfacct.includes('localhost_nps_accepted_pkts'),
    })),
    firewalledIps: isFirewalled(routes) ? inTree(KINDS.firewalled, port.loadBalancerIps) : NONE,
  };
}

const NONE: readonly never[] = [];

/** Whether not everybody may use the load balancer IPs. */
export function isFirewalled({ external, firewalledIps }: PortRoutes): boolean {
  return external !== undefined && firewalledIps.length > 0;
}

/** The network of one address. */
export function hostOf(ip: Ip): HostNetwork {
  return networkText(hostCidr(ip));
}
