/** Checks of the selector of a Service, and of its slices against the Pods. */

import { shellWord } from '../shell-word.js';
import { isReady, podIp } from '../snapshot/complete/pods.js';
import { namespaceOf } from '../snapshot/objects.js';
import type { Pod } from '../snapshot/types.js';
import { answer, type Check, type CheckInput, counted, labelText, listed } from './checks.js';
import { type ServicePods, servicePods } from './pods.js';
import { reasonForNoRules } from './service-checks.js';
import { targetPortChecks } from './target-port-checks.js';

/** The checks of selector, target ports and the readiness of Pods. */
export function podChecks(input: CheckInput): readonly Check[] {
  const { service } = input.explained;
  if (service.spec.type === 'ExternalName') return [];
  const found = servicePods(service, input.loaded.workloads, input.suggests);
  const selector = selectorCheck(found, namespaceOf(input.explained.name));
  if (Object.keys(found.selector).length === 0) return [selector];
  return [
    selector,
    ...targetPortChecks(input, found),
    ...(reasonForNoRules(input) === undefined ? staleChecks(input, found) : []),
  ];
}

/** `kubectl get pods -n shop -l app=web`. */
export function podsCommand(namespace: string, selector: Readonly<Record<string, string>>): string {
  return `kubectl get pods -n ${shellWord(namespace)} -l ${shellWord(labelText(selector))} -o wide`;
}

function selectorCheck(found: ServicePods, namespace: string): Check {
  const { selector, known, matching, running, makers, nearest } = found;
  if (Object.keys(selector).length === 0)
    return answer('selector', 'ok', 'it has no selector: its EndpointSlices are written by hand');
  const text = labelText(selector);
  const next = podsCommand(namespace, selector);
  const idle = makers.filter(({ spec }) => spec.replicas === 0);
  if (running.length > 0)
    return answer('selector', 'ok', `${text} matches ${counted(running.length, 'Pod')}`);
  if (matching.length > 0)
    return answer(
      'selector',
      'problem',
      `${text} matches ${counted(matching.length, 'Pod')}, but all have ended (Succeeded or Failed)`,
      next,
    );
  if (makers.length > 0 && idle.length === makers.length)
    return answer(
      'selector',
      'problem',
      `${text} matches no Pod: ${listed(makers.map(makerText))} ${makers.length === 1 ? 'is' : 'are'} scaled to 0`,
      `kubectl scale -n ${shellWord(namespace)} ${makerWord(makers[0])} --replicas=1`,
    );
  if (makers.length > 0)
    return answer(
      'selector',
      known ? 'problem' : 'unknown',
      `${text} matches the Pods of ${listed(makers.map(makerText))}, of which the input has none`,
      next,
    );
  if (nearest !== undefined)
    return answer(
      'selector',
      'problem',
      `${text} matches no Pod; nearest: ${labelText(nearest.labels)} (${listed(nearest.objects)})`,
      `kubectl get pods -n ${shellWord(namespace)} --show-labels`,
    );
  return known
    ? answer(
        'selector',
        'problem',
        `${text} matches no Pod of namespace ${namespace}`,
        `kubectl get pods -n ${shellWord(namespace)} --show-labels`,
      )
    : answer(
        'selector',
        'unknown',
        `the input has no Pod of namespace ${namespace}`,
        `${next}; give Pods with -f, too`,
      );
}

function makerText({ kind, metadata }: ServicePods['makers'][number]): string {
  return `${kind} ${metadata.name}`;
}

function makerWord(maker: ServicePods['makers'][number] | undefined): string {
  return maker === undefined ? '' : shellWord(`${maker.kind.toLowerCase()}/${maker.metadata.name}`);
}

/** Endpoints that are of no Pod, and ready Pods that are no endpoint: slices that are behind. */
function staleChecks({ explained }: CheckInput, found: ServicePods): readonly Check[] {
  if (!found.known || explained.slices.length === 0) return [];
  const ports = explained.families.flatMap((family) => family.ports);
  const listedIps = new Set(
    ports.flatMap(({ verdicts }) =>
      verdicts.endpoints.map(({ endpoint }) => endpoint.ip as string),
    ),
  );
  const families = explained.families.map(({ context }) => context.family);
  const ipsOf = (pod: Pod): readonly string[] =>
    families.flatMap((family) => podIp(pod, family) ?? []);
  const podIps = new Set(found.matching.flatMap(ipsOf));
  const stale = [...listedIps].filter((ip) => !podIps.has(ip));
  const missing = found.running.filter(
    (pod) => isReady(pod) && ipsOf(pod).length > 0 && !ipsOf(pod).some((ip) => listedIps.has(ip)),
  );
  const controller = 'kubectl get pods -n kube-system -l component=kube-controller-manager';
  return [
    ...(stale.length === 0
      ? []
      : [
          answer(
            'slices',
            'warning',
            `${listed(stale)} in its slices ${stale.length === 1 ? 'is' : 'are'} of no Pod that the selector matches: the slices are older than the Pods, or written by hand`,
            controller,
          ),
        ]),
    ...(missing.length === 0
      ? []
      : [
          answer(
            'slices',
            'warning',
            `${listed(missing.map(({ metadata }) => metadata.name))} ${missing.length === 1 ? 'is' : 'are'} ready, but in no slice: the EndpointSlice controller is behind`,
            controller,
          ),
        ]),
  ];
}
