/** Addresses, decisions, reasons and policies of a Service in words. */

import type { NodeContext, ServicePort } from '../model/types.js';
import type { EndpointVerdict, LeftOut } from '../model/verdicts.js';
import { inetNtop, joinHostPort } from '../net/ip.js';
import { fractionText } from '../netfilter/fraction.js';
import type { Service } from '../snapshot/types.js';
import type { ServiceAddress } from './clients.js';
import { type Decision, DROPPED, REFUSED } from './expected.js';
import type { ExplainedPort } from './service.js';
import { eachOf } from './shares.js';

/** What an address is called. */
export const ADDRESS_KINDS: Readonly<Record<ServiceAddress['kind'], string>> = {
  'cluster-ip': 'cluster IP',
  'external-ip': 'external IP',
  'load-balancer': 'load balancer',
  'node-port': 'node port',
};

/** `10.96.0.1:80`; a node port with the addresses that have it. */
export function addressWhere(
  { ip, port }: ServiceAddress,
  { nodePortAddresses }: Pick<NodeContext, 'nodePortAddresses'>,
): string {
  if (ip !== '') return joinHostPort(inetNtop(ip), port);
  return nodePortAddresses.kind === 'all'
    ? `${port}, on every address of the node`
    : `${port}, on ${nodePortAddresses.ips.map(inetNtop).join(', ') || 'no address'}`;
}

/** What becomes of the connections that a decision is about. */
export function decisionText(decision: Decision, { port }: Pick<ExplainedPort, 'port'>): string {
  if (decision.kind === 'outcome') {
    if (decision.outcome === DROPPED) return 'dropped: endpoints are on other nodes only';
    if (decision.outcome === REFUSED) return 'refused: there is no endpoint';
    return 'not handled here: it goes wherever the routes lead';
  }
  const { length } = port.pools[decision.pool];
  const share =
    length === 1
      ? 'all to 1 endpoint'
      : `${fractionText(eachOf(length))} to each of ${length} endpoints`;
  const where = decision.pool === 'local' ? ' of this node' : '';
  return `${share}${where}, source ${decision.masquerade ? 'masqueraded' : 'kept'}`;
}

/** The node that a port is explained on. */
export function nodeText({ nodeName, zone }: Pick<NodeContext, 'nodeName' | 'zone'>): string {
  if (nodeName === '') return 'a machine outside of the cluster';
  return zone === '' ? `node ${nodeName}` : `node ${nodeName} in zone ${zone}`;
}

/** Why a part of a slice is no endpoint. */
export const LEFT_OUT_WORDS: Readonly<Record<LeftOut['reason'], string>> = {
  'other-family': 'the Service has no ClusterIP of that family',
  'fqdn-slice': 'the slice has names (FQDN): rules need addresses',
  'headless-slice': 'the slice has the label of headless Services',
  'other-proxy-slice':
    'the slice has the label of another proxy, which kube-proxy up to 1.35 heeds',
  'port-without-number': 'the port has no number',
  'port-without-service': 'no port of the Service has that name and protocol',
  'no-address': 'an endpoint without any address',
  'invalid-address': 'no address of the family of the slice',
  'second-address': 'of an endpoint only the first address is used',
};

/** Why no client of this node gets an endpoint. */
export function reasonText(
  { cluster, local, endpoint }: EndpointVerdict,
  { verdicts }: ExplainedPort,
  { zone, nodeName }: Pick<NodeContext, 'zone' | 'nodeName'>,
): string {
  const reason = cluster === 'unused-policy' ? local : cluster;
  const others =
    verdicts.selection.topology === 'PreferSameNode' ? endpoint.nodeHints : endpoint.zoneHints;
  switch (reason) {
    case 'duplicate':
      return 'listed twice: the other entry counts';
    case 'not-ready':
      return 'not ready';
    case 'terminating':
      return 'terminating, and others are ready';
    case 'not-serving':
      return 'terminating, and it does not serve any more';
    case 'other-node':
      return `hints give it to clients of ${others.join(', ')}; this is ${nodeName}`;
    case 'other-zone':
      return `hints give it to clients of ${others.join(', ')}; this is ${zone}`;
    case 'not-local':
      return 'on another node, and the policy is Local';
    case 'unused-policy':
      return 'no traffic policy asks for it';
    case 'ready':
    case 'draining':
      return reason;
  }
}

/** Policies and affinity of a Service, as its first port has them, one a line. */
export function policyText(port: ServicePort, { spec }: Service): readonly string[] {
  const {
    internalPolicyLocal,
    externalPolicyLocal,
    externallyAccessible,
    affinitySeconds,
    healthCheckNodePort,
  } = port;
  return [
    internalPolicyLocal
      ? 'internalTrafficPolicy Local: pods and this node reach endpoints of this node only'
      : 'internalTrafficPolicy Cluster: pods and this node reach endpoints of every node',
    ...(externallyAccessible
      ? [
          externalPolicyLocal
            ? 'externalTrafficPolicy Local: clients from outside reach endpoints of this node only, and keep their address'
            : 'externalTrafficPolicy Cluster: clients from outside reach endpoints of every node, and are masqueraded',
        ]
      : []),
    ...(spec.trafficDistribution === undefined
      ? []
      : [
          `trafficDistribution ${spec.trafficDistribution}: a request to the controller that sets hints; rules follow hints alone`,
        ]),
    affinitySeconds === 0
      ? 'no session affinity: each connection chooses again'
      : `session affinity ClientIP: a client that connects again within ${affinitySeconds} s gets the same endpoint, while that is used`,
    ...(healthCheckNodePort === 0
      ? []
      : [
          `health check of load balancers on port ${healthCheckNodePort}: 200 where this node has a ready endpoint`,
        ]),
    'an endpoint that reaches itself through the Service is masqueraded, so that it gets its answer',
  ];
}
