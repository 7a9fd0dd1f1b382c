/**
 * Turns one Service into its ports in one family: which addresses it answers on, and which policies
 * hold.
 */

import { type Diagnostic, showValue } from '../diagnostics.js';
import { type Family, familyOf, type Ip, parseIp } from '../net/ip.js';
import {
  type EndpointSlice,
  HEADLESS_LABEL,
  namespacedName,
  objectRef,
  SERVICE_PROXY_NAME_LABEL,
  type Service,
} from '../snapshot/types.js';
import { endpointPortKey, endpointsByPort, readingOf } from './endpoints.js';
import { isOthers } from './left-to-others.js';
import { comparePorts } from './order.js';
import { sourceRanges } from './source-ranges.js';
import { choosePools, poolRequest } from './topology.js';
import type { Endpoint, ServiceContext, ServicePort } from './types.js';

const NO_ENDPOINTS: readonly Endpoint[] = [];

/**
 * The ports of a Service, ordered by name and protocol; none if this proxy does not handle the
 * Service or the family.
 */
export function servicePorts(
  service: Service,
  slices: readonly EndpointSlice[] | undefined,
  context: ServiceContext,
  diagnostics: Diagnostic[],
): readonly ServicePort[] {
  const { family } = context;
  const clusterIp = handledClusterIp(service, context, diagnostics);
  if (clusterIp === undefined) return [];
  const addresses = frontendAddresses(service, context, diagnostics);
  const policy = trafficPolicy(service);
  const specs = (service.spec.ports ?? []).toSorted(comparePorts);
  const wanted = new Set(specs.map(endpointPortKey));
  const reading = readingOf(service, context);
  const endpoints = endpointsByPort(slices ?? [], reading, diagnostics, wanted);
  const name = namespacedName(service.metadata);
  // One literal: V8 takes several times as long for an object that others are spread into.
  return specs.map((spec, i): ServicePort => {
    const portName = spec.name ?? '';
    const protocol = spec.protocol ?? 'TCP';
    const id = portName === '' ? name : `${name}:${portName}`;
    const nodePort = spec.nodePort ?? 0;
    const all = endpoints.get(endpointPortKey(spec)) ?? NO_ENDPOINTS;
    const externallyAccessible =
      nodePort !== 0 || addresses.loadBalancerIps.length > 0 || addresses.externalIps.length > 0;
    return {
      family,
      service: name,
      portName,
      protocol,
      port: spec.port,
      id,
      origin: `${id} ${protocol}`,
      clusterIp,
      first: i === 0,
      externalIps: context.allowExternalIps ? addresses.externalIps : [],
      loadBalancerIps: addresses.loadBalancerIps,
      sourceRanges: addresses.sourceRanges,
      nodePort,
      healthCheckNodePort: policy.healthCheckNodePort,
      affinitySeconds: policy.affinitySeconds,
      internalPolicyLocal: policy.internalPolicyLocal,
      externalPolicyLocal: policy.externalPolicyLocal,
      externallyAccessible,
      pools: choosePools(all, poolRequest(policy, externallyAccessible, context)),
      endpointCount: all.length,
    };
  });
}

/**
 * The Service's own address in this family, or undefined where there is nothing to do: headless,
 * ExternalName, another proxy's, or not of this family (kube-proxy's ShouldSkipService and
 * GetClusterIPByFamily).
 */
function handledClusterIp(
  service: Service,
  { family, policy }: ServiceContext,
  diagnostics: Diagnostic[],
): Ip | undefined {
  if (!isHandled(service)) return undefined;
  const [text, field] = clusterIpOf(service, family);
  if (text === '') return undefined;
  if (isOthers(service.metadata, policy, SERVICE_PROXY_NAME_LABEL)) {
    diagnostics.push({
      code: 'service-without-rules',
      severity: 'note',
      message: `has no rules: kube-proxy up to 1.35 leaves Services with the label ${HEADLESS_LABEL} to others`,
      object: objectRef(service),
    });
    return undefined;
  }
  const ip = parseIp(text);
  const isUsable = ip !== undefined && familyOf(ip) === family;
  if (isUsable && ip === text) return ip;
  diagnostics.push({
    code: isUsable ? 'non-canonical-address' : 'invalid-cluster-ip',
    severity: isUsable ? 'note' : 'error',
    message: isUsable
      ? `read as ${ip}`
      : `Service left out: its cluster IP is not an ${family} address`,
    object: objectRef(service),
    field,
    value: showValue(text),
  });
  return isUsable ? ip : undefined;
}

function isHandled({ spec, metadata: { labels } }: Service): boolean {
  const first = spec.clusterIP ?? '';
  if (first === '' || first === 'None' || spec.type === 'ExternalName') return false;
  return labels === undefined || !Object.hasOwn(labels, SERVICE_PROXY_NAME_LABEL);
}

/** The families that a Service has rules in; none where this proxy does not handle it. */
export function serviceFamilies(service: Service): readonly Family[] {
  if (!isHandled(service)) return [];
  return (['IPv4', 'IPv6'] as const).filter((family) => clusterIpOf(service, family)[0] !== '');
}

/**
 * The text and the field of the cluster IP. Objects from before dual-stack have no ipFamilies; what
 * is no address counts as IPv4, as in kube-proxy's GetClusterIPByFamily.
 */
function clusterIpOf({ spec }: Service, family: Family): readonly [text: string, field: string] {
  const families = spec.ipFamilies ?? [];
  if (families.length === 0) {
    const text = spec.clusterIP ?? '';
    const ip = parseIp(text);
    const own = ip === undefined ? 'IPv4' : familyOf(ip);
    return [own === family ? text : '', 'spec.clusterIP'];
  }
  const index = families.indexOf(family);
  const listed =
    index < 0
      ? undefined
      : (spec.clusterIPs?.[index] ?? (index === 0 ? spec.clusterIP : undefined));
  return [listed ?? '', `spec.clusterIPs[${index}]`];
}

type Policy = Pick<
  ServicePort,
  'internalPolicyLocal' | 'externalPolicyLocal' | 'healthCheckNodePort' | 'affinitySeconds'
>;

/** The API server's default affinity timeout: three hours. */
const DEFAULT_AFFINITY_SECONDS = 10800;

/**
 * Policies as kube-proxy reads them: Local counts only on a Service that can be reached from
 * outside.
 */
function trafficPolicy({ spec }: Service): Policy {
  const external =
    spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0;
  const externalPolicyLocal = external && spec.externalTrafficPolicy === 'Local';
  const needsHealthCheck = spec.type === 'LoadBalancer' && externalPolicyLocal;
  return {
    internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    externalPolicyLocal,
    healthCheckNodePort: needsHealthCheck ? (spec.healthCheckNodePort ?? 0) : 0,
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS)
        : 0,
  };
}

type Addresses = Pick<ServicePort, 'externalIps' | 'loadBalancerIps' | 'sourceRanges'>;

const NO_ADDRESSES: Addresses = { externalIps: [], loadBalancerIps: [], sourceRanges: [] };

/**
 * Addresses and source ranges of this family; a load balancer address counts unless its ipMode is
 * Proxy and this version reads that (KEP-1860).
 */
function frontendAddresses(
  service: Service,
  context: ServiceContext,
  diagnostics: Diagnostic[],
): Addresses {
  const { spec, status } = service;
  const { family, policy } = context;
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (
    spec.externalIPs === undefined &&
    ingress.length === 0 &&
    spec.loadBalancerSourceRanges === undefined
  )
    return NO_ADDRESSES;
  const read = (text: string, field: string): Ip | undefined =>
    readAddress(service, text, field, family, diagnostics);
  return {
    externalIps: distinct(
      (spec.externalIPs ?? []).map((text, i) => read(text, `spec.externalIPs[${i}]`)),
    ),
    loadBalancerIps: distinct(
      ingress.map((entry, i) =>
        entry.ip === undefined ||
        entry.ip === '' ||
        (entry.ipMode === 'Proxy' && policy.proxyIpMode === 'left-out')
          ? undefined
          : read(entry.ip, `status.loadBalancer.ingress[${i}].ip`),
      ),
    ),
    sourceRanges: sourceRanges(service, context, diagnostics),
  };
}

function distinct(ips: readonly (Ip | undefined)[]): readonly Ip[] {
  return [...new Set(ips.filter((ip) => ip !== undefined))];
}

/**
 * An address of this family; what is no address at all is reported, what is of the other family is
 * not for us.
 */
function readAddress(
  service: Service,
  text: string,
  field: string,
  family: Family,
  diagnostics: Diagnostic[],
): Ip | undefined {
  const ip = parseIp(text);
  if (ip !== undefined && familyOf(ip) !== family) return undefined;
  if (ip !== text) {
    diagnostics.push({
      code: ip === undefined ? 'invalid-address' : 'non-canonical-address',
      severity: ip === undefined ? 'warning' : 'note',
      message: ip === undefined ? 'not an IP address: ignored' : `read as ${ip}`,
      object: objectRef(service),
      field,
      value: showValue(text),
    });
  }
  return ip;
}
