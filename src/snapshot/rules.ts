/** What the API server checks beyond shapes: fields that depend on each other. */

import type { Fault } from './fault.js';
import { quote } from './raw-value.js';
import type { EndpointPort, KubernetesObject, Service, ServicePortSpec } from './types.js';

/** The faults of an object whose shape is right. */
export function checkRules(object: KubernetesObject): readonly Fault[] {
  if (object.kind === 'Service') return checkService(object);
  if (object.kind === 'EndpointSlice') return checkPortNames('ports', object.ports ?? []);
  return [];
}

/**
 * What an API server would refuse, but kube-proxy would follow if it were stored: kept, with a
 * warning. A node port on a Service that is no NodePort mostly lacks its type.
 */
export function checkDoubts(object: KubernetesObject): readonly Fault[] {
  if (object.kind !== 'Service' || (object.spec.type ?? 'ClusterIP') !== 'ClusterIP') return [];
  return (object.spec.ports ?? []).flatMap((port, i) =>
    (port.nodePort ?? 0) === 0
      ? []
      : [
          {
            field: `spec.ports[${i}].nodePort`,
            value: quote(port.nodePort),
            message: `${quote(port.nodePort)} is refused by an API server for type ClusterIP`,
            hint: 'did you mean type: NodePort?',
          },
        ],
  );
}

/** Whether the Service asks for no virtual address. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None';
}

function checkService(service: Service): readonly Fault[] {
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) {
    const needsNone = isHeadless(service) || service.spec.type === 'ExternalName';
    return needsNone ? [] : [{ field: 'spec.ports', message: 'is missing' }];
  }
  if (ports.length === 1) return [];
  return [
    ...checkPortNames('spec.ports', ports),
    ...unnamed(ports),
    ...repeated(ports, 'port', (port) => port.port),
    ...repeated(ports, 'nodePort', (port) => port.nodePort ?? 0),
  ];
}

/** Two ports of one Service cannot both be the unnamed one. */
function unnamed(ports: readonly ServicePortSpec[]): readonly Fault[] {
  return ports.flatMap((port, i) =>
    (port.name ?? '') === ''
      ? [
          {
            field: `spec.ports[${i}].name`,
            message: 'is missing: each port of a Service with several ports needs a name',
          },
        ]
      : [],
  );
}

function checkPortNames(
  field: string,
  ports: readonly (EndpointPort | ServicePortSpec)[],
): readonly Fault[] {
  if (ports.length < 2) return [];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const name = port.name ?? '';
    const seen = names.has(name);
    names.add(name);
    // Several unnamed ports of a Service are told as missing names.
    if (!seen || (name === '' && 'targetPort' in port)) return [];
    return [
      {
        field: `${field}[${i}].name`,
        value: quote(name),
        message: `${quote(name)} is the name of another port`,
      },
    ];
  });
}

function repeated(
  ports: readonly ServicePortSpec[],
  name: 'port' | 'nodePort',
  numberOf: (port: ServicePortSpec) => number,
): readonly Fault[] {
  const seen = new Set<string>();
  return ports.flatMap((port, i) => {
    const number = numberOf(port);
    const key = `${number}/${port.protocol ?? 'TCP'}`;
    const again = number !== 0 && seen.has(key);
    seen.add(key);
    if (!again) return [];
    return [
      {
        field: `spec.ports[${i}].${name}`,
        value: quote(number),
        message: `${key} is taken by another port of this Service`,
      },
    ];
  });
}
