/** Load balancers: what the node does at their addresses, and what it cannot do. */

import { parseIp } from '../../net/ip.js';
import { objectRef, type Service } from '../../snapshot/types.js';
import type { CheckGroup, LintInput } from '../input.js';
import { finding, inObject, kep, type LintFinding, type LintRule } from '../rule.js';

const PROXY_PROTOCOL: LintRule = {
  code: 'proxy-protocol-vip',
  severity: 'warning',
  title: 'A load balancer adds PROXY headers, and nodes bypass it',
  why: 'Pods expect the PROXY protocol, which the load balancer adds. With ipMode VIP, the default, nodes and Pods that use its address are sent to the endpoints at once, without the header, and their connections fail.',
  remedy:
    'have the controller of the load balancer set ipMode: Proxy in status.loadBalancer.ingress',
  since: '1.32',
  references: [kep(1860)],
};

const UNENFORCED: LintRule = {
  code: 'source-ranges-unenforced',
  severity: 'warning',
  title: 'No node enforces the source ranges of a load balancer',
  why: 'Nodes check loadBalancerSourceRanges at addresses of the load balancer that they answer themselves: those with ipMode VIP. A hostname, or an address with ipMode Proxy, has no rules, so only the load balancer itself can keep clients out; and the ranges never hold for node ports.',
  remedy:
    'make sure that the load balancer enforces them, and that node ports are closed to others',
  references: [kep(1860)],
};

const REQUESTED_ADDRESS: LintRule = {
  code: 'load-balancer-ip-deprecated',
  severity: 'note',
  title: 'spec.loadBalancerIP is deprecated',
  why: 'The field is deprecated since Kubernetes 1.24: controllers may ignore it, and it has no place for a second family. Rules follow status.loadBalancer.ingress alone.',
  remedy: 'use the annotation of the controller that assigns the addresses',
  since: '1.24',
  references: [
    ['kubernetes pull request 107235', 'https://github.com/kubernetes/kubernetes/pull/107235'],
  ],
};

/** Whether an annotation of any provider says that a load balancer adds PROXY headers. */
export function asksForProxyProtocol(key: string, value: string): boolean {
  // A private link of Azure adds the header for its own clients.
  if (/azure-pls/i.test(key)) return false;
  if (/proxy-?protocol/i.test(key)) return !/^(?:|false|off|no|none|disabled|0)$/i.test(value);
  return /(?:proxy_protocol_v2\.enabled=true|^proxy-protocol$)/i.test(value);
}

function proxyProtocol(service: Service, { annotations }: LintInput): readonly LintFinding[] {
  const [key] = Object.keys(annotations(objectRef(service)));
  if (key === undefined) return [];
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const index = ingress.findIndex(
    ({ ip, ipMode }) => parseIp(ip ?? '') !== undefined && ipMode !== 'Proxy',
  );
  if (index < 0) return [];
  const message = `nodes send their own traffic to ${ingress[index]?.ip} past the load balancer, without the PROXY header of annotation ${key}`;
  const field = `status.loadBalancer.ingress[${index}]`;
  return [finding(PROXY_PROTOCOL, message, inObject(service, field))];
}

function sourceRanges(service: Service): readonly LintFinding[] {
  const { spec, status } = service;
  const ingress = status?.loadBalancer?.ingress ?? [];
  const isGuarded = ingress.some(({ ip, ipMode }) => (ip ?? '') !== '' && ipMode !== 'Proxy');
  if ((spec.loadBalancerSourceRanges ?? []).length === 0 || ingress.length === 0 || isGuarded)
    return [];
  const message = 'no node enforces the ranges: no address of the load balancer has ipMode VIP';
  const field = 'spec.loadBalancerSourceRanges';
  return [finding(UNENFORCED, message, inObject(service, field))];
}

function requestedAddress(service: Service): readonly LintFinding[] {
  if ((service.spec.loadBalancerIP ?? '') === '') return [];
  const message = 'is deprecated since Kubernetes 1.24, and decides no rule';
  return [finding(REQUESTED_ADDRESS, message, inObject(service, 'spec.loadBalancerIP'))];
}

/** Checks of Services of type LoadBalancer. */
export const LOAD_BALANCER_CHECKS: CheckGroup = {
  rules: [PROXY_PROTOCOL, UNENFORCED, REQUESTED_ADDRESS],
  check: (input) =>
    [...input.snapshot.services.values()]
      .filter(({ spec }) => spec.type === 'LoadBalancer')
      .flatMap((service) => [
        ...proxyProtocol(service, input),
        ...sourceRanges(service),
        ...requestedAddress(service),
      ]),
};
