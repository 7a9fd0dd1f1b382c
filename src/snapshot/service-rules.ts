/**
 * What the API server refuses in one Service: `ValidateService` and `ValidateLoadBalancerStatus` of
 * Kubernetes 1.36, in its own words. A manifest that breaks a rule would never be stored, so it is
 * left out. Addresses and ranges that are no such thing are reported one by one by the model.
 */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import { isArray, isObject } from '../input/value.js';
import { type Family, familyOf, parseIp } from '../net/ip.js';
import {
  labelProblems,
  qualifiedNameProblem,
  specialIpProblem,
  subdomainProblem,
} from './name-rules.js';
import type { Service } from './types.js';

type Spec = Service['spec'];

/** The port of kubelet, which no load balancer may expose. */
const KUBELET_PORT = 10250;
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";

/** The problems of a Service whose shape is right. `raw` has the fields that rules do not need. */
export function serviceProblems(service: Service, raw: unknown): readonly Problem[] {
  const { spec, metadata } = service;
  const rawSpec = child(raw, 'spec');
  return [
    ...labelProblems(['metadata', 'labels'], metadata.labels),
    ...labelProblems(['spec', 'selector'], spec.selector),
    ...typeProblems(spec, rawSpec),
    ...portProblems(spec, rawSpec),
    ...affinityProblems(spec),
    ...familyProblems(spec),
    ...externalIpProblems(spec),
    ...loadBalancerProblems(spec, raw),
    ...trafficProblems(spec),
    ...statusProblems(service),
  ];
}

function child(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A problem if the words are there. */
function when(words: string | undefined, path: FieldPath, value: unknown): readonly Problem[] {
  return words === undefined ? [] : [invalid(path, words, value)];
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
  const name = child(rawSpec, 'externalName');
  const path = ['spec', 'externalName'];
  return [
    ...given.map((field) => invalid(['spec', field], 'may not be set for ExternalName services')),
    ...(typeof name === 'string' && name !== ''
      ? when(subdomainProblem(name.replace(/\.$/, '')), path, name)
      : [required(path)]),
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
      ...(typeof protocol === 'string'
        ? when(qualifiedNameProblem(protocol), [...path, 'appProtocol'], protocol)
        : []),
    ];
  });
}

function affinityProblems(spec: Spec): readonly Problem[] {
  if (spec.sessionAffinity !== 'None' || spec.sessionAffinityConfig === undefined) return [];
  const message = 'must not be set when session affinity is None';
  return [invalid(['spec', 'sessionAffinityConfig'], message)];
}

function familyProblems(spec: Spec): readonly Problem[] {
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (spec.type === 'ExternalName') return [];
  const ipsPath = ['spec', 'clusterIPs'];
  const isSynced = clusterIPs.length === 0 || clusterIPs[0] === clusterIP;
  const out = isSynced
    ? []
    : clusterIP === ''
      ? [invalid(ipsPath, 'must be empty when `clusterIP` is not specified')]
      : [invalid(ipsPath, 'first value must match `clusterIP`')];
  const twice = ipFamilies.length === 2 && ipFamilies[0] === ipFamilies[1];
  const isSingle = ipFamilyPolicy === 'SingleStack';
  const single = (what: string): Problem =>
    invalid(
      ['spec', 'ipFamilyPolicy'],
      `must be RequireDualStack or PreferDualStack when multiple ${what} are specified`,
      ipFamilyPolicy,
    );
  return [
    ...out,
    ...(twice ? [invalid(['spec', 'ipFamilies', 1], 'is given twice', ipFamilies[1])] : []),
    ...(isSingle && clusterIPs.length > 1 ? [single('cluster IPs')] : []),
    ...(isSingle && ipFamilies.length > 1 ? [single('IP families')] : []),
    ...clusterIpProblems(clusterIPs, ipFamilies),
  ];
}

function clusterIpProblems(
  clusterIPs: readonly string[],
  ipFamilies: readonly Family[],
): readonly Problem[] {
  const path = ['spec', 'clusterIPs'];
  if (clusterIPs.length > 1 && clusterIPs[0] === 'None') {
    return [invalid(path, "'None' must be the first and only value")];
  }
  const families = clusterIPs.map((text) => {
    const ip = parseIp(text);
    return ip === undefined ? undefined : familyOf(ip);
  });
  const known = families.filter((family) => family !== undefined);
  return [
    ...(clusterIPs.length > 2 ? [invalid(path, 'may only hold up to 2 values')] : []),
    ...(known.length > 1 && new Set(known).size === 1
      ? [invalid(path, 'may specify no more than one IP for each IP family')]
      : []),
    ...families.flatMap((family, i) => {
      const wanted = ipFamilies[i];
      if (family === undefined || wanted === undefined || family === wanted) return [];
      const message = `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``;
      return [invalid([...path, i], message, clusterIPs[i])];
    }),
  ];
}

function externalIpProblems({ externalIPs = [] }: Spec): readonly Problem[] {
  return externalIPs.flatMap((ip, i) => when(specialIpProblem(ip), ['spec', 'externalIPs', i], ip));
}

/** Fields of load balancers in a Service of another type, and the class of one. */
function loadBalancerProblems(spec: Spec, raw: unknown): readonly Problem[] {
  const lbClass = child(child(raw, 'spec'), 'loadBalancerClass') ?? undefined;
  const annotations = child(child(raw, 'metadata'), 'annotations');
  if (spec.type === 'LoadBalancer') {
    return typeof lbClass === 'string'
      ? when(qualifiedNameProblem(lbClass), ['spec', 'loadBalancerClass'], lbClass)
      : [];
  }
  const ranges = (spec.loadBalancerSourceRanges ?? []).length > 0;
  const given: readonly (readonly [boolean, FieldPath])[] = [
    [ranges, ['spec', 'loadBalancerSourceRanges']],
    [
      !ranges && child(annotations, RANGES_ANNOTATION) !== undefined,
      ['metadata', 'annotations', RANGES_ANNOTATION],
    ],
    [spec.allocateLoadBalancerNodePorts !== undefined, ['spec', 'allocateLoadBalancerNodePorts']],
    [lbClass !== undefined, ['spec', 'loadBalancerClass']],
  ];
  return given.flatMap(([isGiven, path]) => (isGiven ? [invalid(path, LOAD_BALANCER_ONLY)] : []));
}

function trafficProblems(spec: Spec): readonly Problem[] {
  const { type = 'ClusterIP', externalTrafficPolicy, healthCheckNodePort = 0 } = spec;
  const isExternal =
    type === 'NodePort' ||
    type === 'LoadBalancer' ||
    (type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
  const isChecked = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  const distribution = spec.trafficDistribution ?? '';
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
    ...(distribution === '' || DISTRIBUTIONS.includes(distribution)
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

function statusProblems({ status }: Service): readonly Problem[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = ['status', 'loadBalancer', 'ingress'];
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
