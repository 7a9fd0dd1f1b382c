/**
 * Allocates node ports for Services that need some and name none. As with ClusterIPs, ports that
 * objects name come first; the others are chosen by hash, so that they do not depend on other
 * Services.
 */

import type { Diagnostic } from '../../diagnostics.js';
import {
  namespacedName,
  objectRef,
  type Protocol,
  type Service,
  type ServicePortSpec,
} from '../types.js';
import { byNamespacedName, type CompletedServices } from './cluster-ips.js';
import { pickPlace } from './hash.js';

/** The API server's default range, 30000 to 32767. */
const FIRST_PORT = 30_000;
const PORTS = 2768;

interface Assignment {
  /** `number/protocol`: a number can serve TCP and UDP at once. */
  readonly taken: Set<string>;
  /** Protocols without a free port, which need no further search. */
  readonly usedUp: Set<Protocol>;
  readonly diagnostics: Diagnostic[];
}

/** The same Services with node ports and health check node ports where they ask for them. */
export function assignNodePorts(services: readonly Service[]): CompletedServices {
  const open = services.filter(lacksNodePort).toSorted(byNamespacedName);
  if (open.length === 0) return { services, diagnostics: [] };
  const state: Assignment = {
    taken: new Set(services.flatMap(ownPorts)),
    usedUp: new Set(),
    diagnostics: [],
  };
  const done = new Map(open.map((service) => [service, assign(service, state)]));
  return {
    services: services.map((service) => done.get(service) ?? service),
    diagnostics: state.diagnostics,
  };
}

/**
 * Whether a port is missing. Never for a Service that an API server has stored, known by its
 * creation time or its clusterIPs: what it lacks, it lacks on purpose, such as a LoadBalancer
 * that once allocated none.
 */
function lacksNodePort(service: Service): boolean {
  if (typeof service.metadata.creationTimestamp === 'string') return false;
  if (service.spec.clusterIPs !== undefined) return false;
  return (
    lacksHealthPort(service) || (wantsNodePorts(service) && (service.spec.ports ?? []).some(isOpen))
  );
}

function wantsNodePorts({ spec }: Service): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

function lacksHealthPort({ spec }: Service): boolean {
  const local = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  return local && (spec.healthCheckNodePort ?? 0) === 0;
}

function isOpen(port: ServicePortSpec): boolean {
  return (port.nodePort ?? 0) === 0;
}

function assign(service: Service, state: Assignment): Service {
  const ports = (service.spec.ports ?? []).map((port, i) => {
    if (!isOpen(port) || !wantsNodePorts(service)) return port;
    // Without the protocol: TCP and UDP of one port share a number, as they do in an API server.
    const nodePort = allocate(service, `${port.port}`, port.protocol ?? 'TCP', state);
    state.diagnostics.push(note(service, `spec.ports[${i}].nodePort`, nodePort));
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  const withPorts: Service = { ...service, spec: { ...service.spec, ports } };
  if (!lacksHealthPort(service)) return withPorts;
  const healthCheckNodePort = allocate(service, 'health', 'TCP', state);
  state.diagnostics.push(note(service, 'spec.healthCheckNodePort', healthCheckNodePort));
  if (healthCheckNodePort === undefined) return withPorts;
  return { ...withPorts, spec: { ...withPorts.spec, healthCheckNodePort } };
}

function allocate(
  service: Service,
  what: string,
  protocol: Protocol,
  state: Assignment,
): number | undefined {
  if (state.usedUp.has(protocol)) return undefined;
  const text = `${namespacedName(service.metadata)}:${what}`;
  const place = pickPlace(
    text,
    PORTS,
    (index) => !state.taken.has(`${FIRST_PORT + index}/${protocol}`),
  );
  if (place === undefined) {
    state.usedUp.add(protocol);
    return undefined;
  }
  state.taken.add(`${FIRST_PORT + place}/${protocol}`);
  return FIRST_PORT + place;
}

/** What the Service holds already; health checks are answered over TCP. */
function ownPorts({ spec }: Service): readonly string[] {
  const health = spec.healthCheckNodePort ?? 0;
  return [
    ...(health === 0 ? [] : [`${health}/TCP`]),
    ...(spec.ports ?? [])
      .filter((port) => !isOpen(port))
      .map((port) => `${port.nodePort}/${port.protocol ?? 'TCP'}`),
  ];
}

function note(service: Service, field: string, port: number | undefined): Diagnostic {
  const name = namespacedName(service.metadata);
  const object = objectRef(service);
  return port === undefined
    ? {
        code: 'no-node-port',
        severity: 'error',
        message: `Service ${name} gets no ${field}: ${FIRST_PORT} to ${FIRST_PORT + PORTS - 1} are used up`,
        object,
        field,
      }
    : {
        code: 'assigned-node-port',
        severity: 'note',
        message: `Service ${name}: ${field} ${port} assigned`,
        object,
        field,
      };
}
