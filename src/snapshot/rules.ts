/** What the API server checks beyond shapes: fields that depend on each other. */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import type { EndpointPort, KubernetesObject, Service, ServicePortSpec } from './types.js';

/** The problems of an object whose shape is right. */
export function checkRules(object: KubernetesObject): readonly Problem[] {
  if (object.kind === 'Service') return checkService(object);
  if (object.kind === 'EndpointSlice') return checkPortNames(['ports'], object.ports ?? []);
  return [];
}

/**
 * What is doubtful about a stored object: an older server may have accepted it, and kube-proxy
 * opens the port. In a manifest it is refused.
 */
export function checkDoubts(object: KubernetesObject): readonly Problem[] {
  return object.kind === 'Service' ? nodePortProblems(object.spec) : [];
}

/** The node ports of a Service that has none by its type, which is mostly the fault. */
export function nodePortProblems({ type, ports = [] }: Service['spec']): readonly Problem[] {
  if ((type ?? 'ClusterIP') !== 'ClusterIP') return [];
  const message = "may not be used when `type` is 'ClusterIP'";
  const hint = 'did you mean type: NodePort?';
  return ports.flatMap(({ nodePort = 0 }, i) =>
    nodePort === 0 ? [] : [invalid(['spec', 'ports', i, 'nodePort'], message, nodePort, hint)],
  );
}

/** Whether the Service asks for no virtual address. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None';
}

function checkService(service: Service): readonly Problem[] {
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) {
    const needsNone = isHeadless(service) || service.spec.type === 'ExternalName';
    return needsNone ? [] : [required(['spec', 'ports'])];
  }
  if (ports.length === 1) return [];
  return [
    ...checkPortNames(['spec', 'ports'], ports),
    ...unnamed(ports),
    ...repeated(ports, 'port', (port) => port.port),
    ...repeated(ports, 'nodePort', (port) => port.nodePort ?? 0),
  ];
}

/** Two ports of one Service cannot both be the unnamed one. */
function unnamed(ports: readonly ServicePortSpec[]): readonly Problem[] {
  return ports.flatMap((port, i) =>
    (port.name ?? '') === ''
      ? [
          required(
            ['spec', 'ports', i, 'name'],
            'each port of a Service with several ports needs a name',
          ),
        ]
      : [],
  );
}

function checkPortNames(
  path: FieldPath,
  ports: readonly (EndpointPort | ServicePortSpec)[],
): readonly Problem[] {
  if (ports.length < 2) return [];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const name = port.name ?? '';
    const seen = names.has(name);
    names.add(name);
    // Several unnamed ports of a Service are reported as missing names.
    if (!seen || (name === '' && 'targetPort' in port)) return [];
    return [invalid([...path, i, 'name'], 'is the name of another port', name)];
  });
}

function repeated(
  ports: readonly ServicePortSpec[],
  name: 'port' | 'nodePort',
  numberOf: (port: ServicePortSpec) => number,
): readonly Problem[] {
  const seen = new Set<string>();
  return ports.flatMap((port, i) => {
    const number = numberOf(port);
    const key = `${number}/${port.protocol ?? 'TCP'}`;
    const again = number !== 0 && seen.has(key);
    seen.add(key);
    if (!again) return [];
    return [
      invalid(
        ['spec', 'ports', i, name],
        `${key} is taken by another port of this Service`,
        number,
      ),
    ];
  });
}
