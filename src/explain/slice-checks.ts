/** Checks of the EndpointSlices of a Service: whether each port has endpoints, and ready ones. */

import { nearestName } from '../nearest-name.js';
import { shellWord } from '../shell-word.js';
import { namespaceOf, originKey } from '../snapshot/objects.js';
import {
  type EndpointPort,
  type EndpointSlice,
  objectRef,
  type Pod,
  SERVICE_NAME_LABEL,
  type Snapshot,
} from '../snapshot/types.js';
import {
  answer,
  type Check,
  type CheckedInput,
  type CheckInput,
  counted,
  listed,
} from './checks.js';
import { oncePer } from './once-per.js';
import { podsCommand } from './pod-checks.js';
import { hintChecks, policyChecks, portName } from './policy-checks.js';
import type { ExplainedFamily, ExplainedPort } from './service.js';
import { reasonForNoRules } from './service-checks.js';

/** The checks of slices, ports, readiness, policies and hints. */
export function sliceChecks(input: CheckInput): readonly Check[] {
  const { service } = input.explained;
  if (service.spec.type === 'ExternalName') return [];
  const slices = slicesCheck(input);
  if (slices.state === 'problem' || reasonForNoRules(input) !== undefined) return [slices];
  const { families } = input.explained;
  const all = families.flatMap((family) => family.ports.map((port) => ({ family, port })));
  const unmet = families.flatMap((family) => portChecks(input, family));
  const met = all.filter(({ port }) => port.verdicts.endpoints.length > 0);
  return [
    slices,
    ...(unmet.length > 0
      ? unmet
      : [answer('ports', 'ok', 'every port of the Service is in a slice')]),
    ...readyChecks(
      input,
      met.map(({ port }) => port),
    ),
    ...met.flatMap(({ family, port }) => policyChecks(family, port)),
    ...met.flatMap(({ family, port }) => hintChecks(input, family, port)),
  ];
}

function slicesCheck({ explained, loaded, suggests = true }: CheckInput): Check {
  const { slices, families, name } = explained;
  const [namespace = '', service = ''] = name.split('/');
  const next = `kubectl get endpointslices -n ${shellWord(namespace)} -l kubernetes.io/service-name=${shellWord(service)}`;
  const made = madeFromPods(explained.slices, loaded);
  if (made === 'instead')
    return answer(
      'slices',
      'ok',
      'the input has none: they are made from its Pods, as the controller does',
    );
  if (slices.length === 0 || made === 'beside') {
    const near = suggests ? orphanNear(name, loaded.snapshot) : undefined;
    const hint =
      near === undefined
        ? ''
        : `; those that name Service ${near}, which does not exist, may be meant`;
    return answer('slices', 'problem', `no EndpointSlice names it${hint}`, next);
  }
  const count = slices.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  if (count === 0)
    return answer(
      'slices',
      'problem',
      `${sliceCount(slices.length)}, but without any endpoint`,
      next,
    );
  const wanted = families.map(({ context }) => context.family as string);
  const given = [...new Set(slices.map(({ addressType }) => addressType as string))];
  const missing = wanted.filter((family) => !given.includes(family));
  if (missing.length > 0 && missing.length === wanted.length)
    return answer(
      'slices',
      'problem',
      `its EndpointSlices are ${given.join(' and ')}, its ClusterIP is ${wanted.join(' and ')}`,
      next,
    );
  if (missing.length > 0)
    return answer('slices', 'warning', `it has no EndpointSlice of ${missing.join(' and ')}`, next);
  return answer('slices', 'ok', `${sliceCount(slices.length)} with ${counted(count, 'endpoint')}`);
}

function sliceCount(count: number): string {
  return `it has ${counted(count, 'EndpointSlice')}`;
}

/**
 * Whether the slices of a Service were made when the input was read, because it has none: `instead`
 * of all that are missing, or `beside` those of other Services.
 */
function madeFromPods(
  slices: readonly EndpointSlice[],
  loaded: CheckedInput,
): 'no' | 'instead' | 'beside' {
  if (slices.length === 0 || slices.some((slice) => isGiven(slice, loaded))) return 'no';
  return hasGivenSlices(loaded) ? 'beside' : 'instead';
}

const hasGivenSlices = oncePer((loaded: CheckedInput): boolean =>
  [...loaded.snapshot.slices.values()].some((some) => some.some((slice) => isGiven(slice, loaded))),
);

function isGiven(slice: EndpointSlice, { origins }: CheckedInput): boolean {
  if (origins === undefined) return true;
  const { name, namespace = 'default', labels } = slice.metadata;
  const endpoints = { kind: 'Endpoints', namespace, name: labels?.[SERVICE_NAME_LABEL] ?? name };
  return [objectRef(slice), endpoints].some((ref) => origins.objects.has(originKey(ref)));
}

/** A Service that slices of the namespace name, that is not there, and whose name is near. */
function orphanNear(name: string, { slices, services }: Snapshot): string | undefined {
  const start = `${namespaceOf(name)}/`;
  const orphans = [...slices.keys()].filter(
    (other) => other.startsWith(start) && !services.has(other),
  );
  return nearestName(name, orphans);
}

/** The ports of one family that no slice has. */
function portChecks(
  { explained }: CheckInput,
  { context, ports }: ExplainedFamily,
): readonly Check[] {
  const used = explained.slices.filter(
    ({ addressType, endpoints }) => addressType === context.family && endpoints.length > 0,
  );
  if (used.length === 0) return [];
  const given = new Set(used.flatMap((slice) => (slice.ports ?? []).map(givenPort)));
  const cause =
    given.size === 0
      ? 'they have none: no Pod has the target port'
      : `they have ${listed([...given])}`;
  const [namespace = '', service = ''] = explained.name.split('/');
  return ports
    .filter(({ verdicts }) => verdicts.endpoints.length === 0)
    .map((port) => {
      const { portName: name, protocol } = port.port;
      const wanted = name === '' ? 'without a name' : `named ${JSON.stringify(name)}`;
      return answer(
        'ports',
        'problem',
        `${portName(port)}: no ${context.family} slice has a ${protocol} port ${wanted}; ${cause}`,
        `kubectl get endpointslices -n ${shellWord(namespace)} -l kubernetes.io/service-name=${shellWord(service)} -o yaml`,
      );
    });
}

function givenPort({ name, protocol, port }: EndpointPort): string {
  return `${name ?? ''}${name ? ' ' : ''}${port ?? '(no number)'}/${protocol ?? 'TCP'}`;
}

function readyChecks(input: CheckInput, ports: readonly ExplainedPort[]): readonly Check[] {
  const unready = ports.flatMap((port): readonly Check[] => {
    const { endpoints, selection } = port.verdicts;
    const isServed = endpoints.some(
      ({ cluster, endpoint }) =>
        cluster !== 'duplicate' && (endpoint.ready || (endpoint.serving && endpoint.terminating)),
    );
    if (selection.anyReady) return [];
    const { length } = endpoints;
    const text = `${portName(port)}: none of ${counted(length, 'endpoint')} is ready`;
    if (isServed)
      return [answer('ready', 'warning', `${text}: those that terminate but still serve are used`)];
    const pods = endpoints.map(({ endpoint }) => podText(endpoint.ip, input));
    return [answer('ready', 'problem', `${text}: ${listed(pods)}`, readyCommand(input))];
  });
  if (unready.length > 0) return unready;
  if (ports.length === 0) return [];
  const counts = ports.map(({ verdicts }) => {
    const ready = verdicts.endpoints.filter(({ endpoint }) => endpoint.ready).length;
    return `${ready} of ${verdicts.endpoints.length}`;
  });
  return [answer('ready', 'ok', `${[...new Set(counts)].join(', ')} endpoints are ready`)];
}

function readyCommand({ explained: { service, name } }: CheckInput): string {
  const namespace = namespaceOf(name);
  const { selector = {} } = service.spec;
  return Object.keys(selector).length === 0
    ? `kubectl get endpointslices -n ${shellWord(namespace)} -o wide`
    : podsCommand(namespace, selector);
}

/** `web-1 (10.244.1.7, Pending)` where the Pod is in the input, else the address. */
function podText(ip: string, { loaded, explained }: CheckInput): string {
  const pod = podsByIp(loaded).get(`${namespaceOf(explained.name)}/${ip}`);
  return pod === undefined ? ip : `${pod.metadata.name} (${ip}, ${stateOf(pod)})`;
}

/** The first Pod of each namespace and address. */
const podsByIp = oncePer(({ workloads }: CheckedInput): ReadonlyMap<string, Pod> => {
  const pods = new Map<string, Pod>();
  for (const pod of workloads.pods)
    for (const ip of [pod.status?.podIP, ...(pod.status?.podIPs ?? []).map((one) => one.ip)]) {
      const key = `${pod.metadata.namespace}/${ip}`;
      if (ip !== undefined && !pods.has(key)) pods.set(key, pod);
    }
  return pods;
});

function stateOf({ metadata, status }: Pod): string {
  if (typeof metadata.deletionTimestamp === 'string') return 'terminating';
  const failing = (status?.conditions ?? []).filter((one) => one.status !== 'True');
  const words = failing.map(({ type }) => `not ${type}`);
  return [status?.phase ?? 'no phase', ...words].join(', ');
}
