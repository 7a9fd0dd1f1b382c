/** The API server's static defaults. They are no choices of vipc, so there are no notes. */

import type { Service, ServicePortSpec } from '../types.js';

/** The API server's default affinity timeout, in seconds. */
const AFFINITY_SECONDS = 10_800;

/**
 * The Service with the API server's defaults. One that has a ClusterIP comes from an API server or
 * is written as if it did, so that only what such a Service always has is filled in; what older
 * versions did not have, such as ipFamilies, stays out. The same object where nothing is missing.
 */
export function withDefaults(service: Service): Service {
  const { spec } = service;
  const type = spec.type ?? 'ClusterIP';
  const complete =
    spec.type !== undefined &&
    spec.sessionAffinity !== undefined &&
    (spec.sessionAffinity === 'None' ||
      spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) &&
    (spec.ports ?? []).every((port) => port.protocol !== undefined) &&
    (hasClusterIp(service) || type === 'ExternalName');
  if (complete) return service;
  const sessionAffinity = spec.sessionAffinity ?? 'None';
  return {
    ...service,
    spec: {
      ...spec,
      type,
      sessionAffinity,
      ...(spec.ports === undefined ? {} : { ports: spec.ports.map(withProtocol) }),
      ...(sessionAffinity === 'ClientIP' ? { sessionAffinityConfig: affinityConfig(service) } : {}),
      ...(hasClusterIp(service) ? {} : policies(service, type)),
    },
  };
}

/** Whether the Service has an address, or says `None`. An empty text is none, as in Go. */
export function hasClusterIp(service: Service): boolean {
  return (service.spec.clusterIP ?? '') !== '';
}

function withProtocol(port: ServicePortSpec): ServicePortSpec {
  return port.protocol === undefined ? { ...port, protocol: 'TCP' } : port;
}

function affinityConfig(service: Service): Service['spec']['sessionAffinityConfig'] & object {
  const timeoutSeconds = service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  return { clientIP: { timeoutSeconds: timeoutSeconds ?? AFFINITY_SECONDS } };
}

function policies(service: Service, type: string): Partial<Service['spec']> {
  if (type === 'ExternalName') return {};
  const external = type !== 'ClusterIP' || (service.spec.externalIPs ?? []).length > 0;
  return {
    internalTrafficPolicy: service.spec.internalTrafficPolicy ?? 'Cluster',
    ...(external ? { externalTrafficPolicy: service.spec.externalTrafficPolicy ?? 'Cluster' } : {}),
    ...(type === 'LoadBalancer'
      ? { allocateLoadBalancerNodePorts: service.spec.allocateLoadBalancerNodePorts ?? true }
      : {}),
  };
}
