/** Checks of the target ports of a Service against the ports that containers declare. */

import { nearestName } from '../nearest-name.js';
import { shellWord } from '../shell-word.js';
import { targetPorts } from '../snapshot/complete/pods.js';
import { namespaceOf } from '../snapshot/objects.js';
import type { Pod, ServicePortSpec } from '../snapshot/types.js';
import { answer, type Check, type CheckInput, counted, labelText, listed } from './checks.js';
import type { ServicePods } from './pods.js';

/** The container ports that are declared, of Pods or, without any, of the templates of Pods. */
function templatesOf({ running, makers }: ServicePods): readonly Pod[] {
  if (running.length > 0) return running;
  return makers.map(
    ({ metadata, spec: { template } }): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      ...(template.spec === undefined ? {} : { spec: template.spec }),
    }),
  );
}

/** One answer for each port that some Pod lacks, or one for all. */
export function targetPortChecks(input: CheckInput, found: ServicePods): readonly Check[] {
  const pods = templatesOf(found);
  if (pods.length === 0) return [];
  const ports = namedPorts(input);
  const next = `kubectl get pods -n ${shellWord(namespaceOf(input.explained.name))} -l ${shellWord(labelText(found.selector))} -o jsonpath='{.items[*].spec.containers[*].ports}'`;
  const checks = ports.flatMap((port) =>
    typeof port.targetPort === 'string' && port.targetPort !== ''
      ? namedPortChecks(port, port.targetPort, pods, next)
      : numberedPortChecks(port, pods, next),
  );
  if (checks.length > 0) return checks;
  return [
    answer(
      'target-port',
      'ok',
      ports.length === 0
        ? 'the Service has no port'
        : 'every Pod has it, as far as Pods declare their ports',
    ),
  ];
}

/** The ports of the Service that were asked about. */
function namedPorts({ explained: { service, families } }: CheckInput): readonly ServicePortSpec[] {
  const all = service.spec.ports ?? [];
  const [family] = families;
  if (family === undefined) return all;
  const meant = new Set(family.ports.map(({ port }) => `${port.portName}/${port.protocol}`));
  return all.filter(({ name = '', protocol = 'TCP' }) => meant.has(`${name}/${protocol}`));
}

function namedPortChecks(
  port: ServicePortSpec,
  target: string,
  pods: readonly Pod[],
  next: string,
): readonly Check[] {
  const lacking = pods.filter((pod) => targetPorts(pod)(port) === undefined);
  if (lacking.length === 0) return [];
  const { protocol = 'TCP' } = port;
  const text = `targetPort ${JSON.stringify(target)}`;
  if (lacking.length < pods.length)
    return [
      answer(
        'target-port',
        'warning',
        `${lacking.length} of ${counted(pods.length, 'Pod')} lack a ${protocol} container port named so, ${text}: ${listed(lacking.map(({ metadata }) => metadata.name))}`,
        next,
      ),
    ];
  const declared = declaredPorts(pods);
  const near = nearestName(
    target,
    declared.flatMap(({ name }) => name ?? []),
  );
  const hint =
    near === undefined
      ? `; they have ${declaredText(declared)}`
      : near === target
        ? `; it is there with another protocol: ${declaredText(declared)}`
        : `; did you mean ${JSON.stringify(near)}?`;
  return [
    answer(
      'target-port',
      'problem',
      `${text}: no Pod has a ${protocol} container port of that name${hint}`,
      next,
    ),
  ];
}

function numberedPortChecks(
  port: ServicePortSpec,
  pods: readonly Pod[],
  next: string,
): readonly Check[] {
  const { protocol = 'TCP' } = port;
  const number = Number(port.targetPort ?? 0) || port.port;
  const declared = declaredPorts(pods);
  // Declaring a port is optional: without any, nothing follows.
  if (declared.length === 0) return [];
  if (declared.some((one) => one.containerPort === number && (one.protocol ?? 'TCP') === protocol))
    return [];
  return [
    answer(
      'target-port',
      'warning',
      `targetPort ${number}/${protocol}: no Pod declares that container port; they declare ${declaredText(declared)}`,
      next,
    ),
  ];
}

type ContainerPort = NonNullable<
  NonNullable<NonNullable<Pod['spec']>['containers']>[number]['ports']
>[number];

/** Each container port that the Pods declare, once. */
function declaredPorts(pods: readonly Pod[]): readonly ContainerPort[] {
  const found = new Map<string, ContainerPort>();
  for (const { spec } of pods)
    for (const { ports } of [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])])
      for (const port of ports ?? [])
        found.set(`${port.name} ${port.containerPort} ${port.protocol ?? 'TCP'}`, port);
  return [...found.values()];
}

/** `8080/TCP (http), 9090/TCP`; `none`. */
function declaredText(ports: readonly ContainerPort[]): string {
  const texts = ports.map(
    ({ name, containerPort, protocol = 'TCP' }) =>
      `${containerPort}/${protocol}${name === undefined ? '' : ` (${name})`}`,
  );
  return texts.length === 0 ? 'none' : listed(texts);
}
