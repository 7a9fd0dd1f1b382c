/**
 * What the API server refuses in one Service: `ValidateService` and `ValidateLoadBalancerStatus` of
 * Kubernetes 1.36, in its own words. A manifest that breaks a rule would never be stored, so it is
 * left out. Invalid addresses and ranges are reported one by one by the model.
 */

import { invalid, type Problem, required } from '../input/problem.js';
import { isArray } from '../input/value.js';
import { parseCidr } from '../net/cidr.js';
import { parseIp } from '../net/ip.js';
import { clusterIpProblems } from './cluster-ip-rules.js';
import {
  annotationOf,
  annotationProblem,
  labelProblems,
  metadataProblems,
} from './metadata-rules.js';
import {
  child,
  dottedNameProblem,
  INVALID_CIDR,
  qualifiedNameProblem,
  specialIpProblem,
  subdomainProblem,
  textProblems,
  when,
} from './name-rules.js';
import { nodePortProblems } from './rules.js';
import { type Service, TOPOLOGY_HINTS_ANNOTATION, TOPOLOGY_MODE_ANNOTATION } from './types.js';

type Spec = Service['spec'];

/** The port of kubelet, which no load balancer may expose. */
const KUBELET_PORT = 10250;
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";

/** The problems of a Service whose shape is right. `raw` has the fields that rules do not need. */
export function serviceProblems(service: Service, raw: unknown): readonly Problem[] {
  const { spec } = service;
  const rawSpec = child(raw, 'spec');
  return [
    ...metadataProblems(service, raw),
    ...topologyProblems(raw),
    ...labelProblems(['spec', 'selector'], spec.selector),
    ...typeProblems(spec, rawSpec),
    ...nodePortProblems(spec),
    ...portProblems(spec, rawSpec),
    ...clusterIpProblems(spec),
    ...externalIpProblems(spec),
    ...loadBalancerProblems(spec, raw),
    ...trafficProblems(spec),
    ...statusProblems(service),
  ];
}

function typeProblems(spec: Spec, rawSpec: unknown): readonly Problem[] {
  const { type = 'ClusterIP', clusterIPs = [spec.clusterIP ?? ''] } = spec;
  if (type === 'ExternalName') return externalNameProblems(spec, rawSpec);
  const isHeadless = clusterIPs.length === 1 && clusterIPs[0] === 'None';
  if (!isHeadless || type === 'ClusterIP') return [];
  const field = spec.clusterIPs === undefined ? ['clusterIP'] : ['clusterIPs', 0];
  return [invalid(['spec', ...field], `may not be set to 'None' for ${type} services`, 'None')];
}

function externalNameProblems(spec: Spec, rawSpec: unknown): readonly Problem[] {
  const given: readonly (keyof Spec & string)[] = [
    ...((spec.clusterIP ?? '') === '' ? [] : (['clusterIP'] as const)),
    ...((spec.clusterIPs ?? []).length === 0 ? [] : (['clusterIPs'] as const)),
    ...((spec.ipFamilies ?? []).length === 0 ? [] : (['ipFamilies'] as const)),
    ...(spec.ipFamilyPolicy === undefined ? [] : (['ipFamilyPolicy'] as const)),
  ];
  const name = child(rawSpec, 'externalName') ?? '';
  const path = ['spec', 'externalName'];
  return [
    ...given.map((field) => invalid(['spec', field], 'may not be set for ExternalName services')),
    ...(name === '' ? [required(path)] : textProblems(dottedNameProblem, path, name)),
  ];
}

function portProblems({ type, ports = [] }: Spec, rawSpec: unknown): readonly Problem[] {
  const rawPorts = child(rawSpec, 'ports');
  return ports.flatMap(({ port }, i) => {
    const path = ['spec', 'ports', i];
    const protocol = child(isArray(rawPorts) ? rawPorts[i] : undefined, 'appProtocol');
    return [
      ...(type === 'LoadBalancer' && port === KUBELET_PORT
        ? [
            invalid(
              [...path, 'port'],
              `may not expose port ${port} externally since it is used by kubelet`,
              port,
            ),
          ]
        : []),
      ...textProblems(qualifiedNameProblem, [...path, 'appProtocol'], protocol),
    ];
  });
}

function externalIpProblems({ externalIPs = [] }: Spec): readonly Problem[] {
  return externalIPs.flatMap((ip, i) => when(specialIpProblem(ip), ['spec', 'externalIPs', i], ip));
}

/** Fields of load balancers in a Service of another type, and the class of one. */
function loadBalancerProblems(spec: Spec, raw: unknown): readonly Problem[] {
  const lbClass = child(child(raw, 'spec'), 'loadBalancerClass');
  const ranges = (spec.loadBalancerSourceRanges ?? []).length > 0;
  const annotation = ranges ? undefined : annotationOf(raw, RANGES_ANNOTATION);
  if (spec.type === 'LoadBalancer') {
    return [
      ...textProblems(qualifiedNameProblem, ['spec', 'loadBalancerClass'], lbClass),
      ...rangesProblems(annotation),
    ];
  }
  const given: readonly (readonly [boolean, string])[] = [
    [ranges, 'loadBalancerSourceRanges'],
    [spec.allocateLoadBalancerNodePorts !== undefined, 'allocateLoadBalancerNodePorts'],
    [lbClass !== undefined, 'loadBalancerClass'],
  ];
  return [
    ...given.flatMap(([isGiven, field]) =>
      isGiven ? [invalid(['spec', field], LOAD_BALANCER_ONLY)] : [],
    ),
    ...(annotation === undefined ? [] : [annotationProblem(RANGES_ANNOTATION, LOAD_BALANCER_ONLY)]),
  ];
}

/** The ranges of the annotation, which counts where the field gives none. */
function rangesProblems(annotation: unknown): readonly Problem[] {
  const text = typeof annotation === 'string' ? annotation.trim() : '';
  if (text === '') return [];
  return text
    .split(',')
    .map((range) => range.trim())
    .filter((range) => parseCidr(range) === undefined)
    .map((range) => annotationProblem(RANGES_ANNOTATION, INVALID_CIDR, range));
}

/** The old and the new annotation for topology hints. */
function topologyProblems(raw: unknown): readonly Problem[] {
  const mode = annotationOf(raw, TOPOLOGY_MODE_ANNOTATION);
  const hints = annotationOf(raw, TOPOLOGY_HINTS_ANNOTATION);
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const message = `must match annotations[${TOPOLOGY_HINTS_ANNOTATION}] when both are specified`;
  return [annotationProblem(TOPOLOGY_MODE_ANNOTATION, message, mode)];
}

function trafficProblems(spec: Spec): readonly Problem[] {
  const { type = 'ClusterIP', externalTrafficPolicy, healthCheckNodePort = 0 } = spec;
  const isExternal =
    type === 'NodePort' ||
    type === 'LoadBalancer' ||
    (type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  const isChecked = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  const distribution = spec.trafficDistribution;
  return [
    ...(isExternal || externalTrafficPolicy === undefined
      ? []
      : [
          invalid(
            ['spec', 'externalTrafficPolicy'],
            'may only be set for externally-accessible services',
            externalTrafficPolicy,
          ),
        ]),
    ...(isChecked || healthCheckNodePort === 0
      ? []
      : [
          invalid(
            ['spec', 'healthCheckNodePort'],
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
            healthCheckNodePort,
          ),
        ]),
    ...(distribution === undefined || DISTRIBUTIONS.includes(distribution)
      ? []
      : [
          invalid(
            ['spec', 'trafficDistribution'],
            `must be one of ${DISTRIBUTIONS.join(', ')}`,
            distribution,
          ),
        ]),
  ];
}

function statusProblems({ spec, status }: Service): readonly Problem[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = ['status', 'loadBalancer', 'ingress'];
  if (spec.type !== 'LoadBalancer' && ingress.length > 0) {
    return [invalid(path, 'may only be used when `spec.type` is LoadBalancer')];
  }
  return ingress.flatMap(({ ip = '', ipMode, hostname = '' }, i) => [
    ...when(specialIpProblem(ip), [...path, i, 'ip'], ip),
    ...(ip === '' && ipMode !== undefined
      ? [invalid([...path, i, 'ipMode'], 'may not be specified when `ip` is not set', ipMode)]
      : []),
    ...when(hostnameProblem(hostname), [...path, i, 'hostname'], hostname),
  ]);
}

function hostnameProblem(hostname: string): string | undefined {
  if (hostname === '') return undefined;
  if (parseIp(hostname) !== undefined) return 'must be a DNS name, not an IP address';
  return subdomainProblem(hostname);
}
