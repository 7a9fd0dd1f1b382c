/** What the API server refuses in one Endpoints object: `ValidateEndpoints` of Kubernetes 1.36. */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import { isArray } from '../input/value.js';
import { parseIp } from '../net/ip.js';
import {
  protocolProblems,
  type SoundEndpoints,
  type Wrong,
  wrongHostname,
  wrongNode,
} from './endpoint-rules.js';
import { annotationOf, annotationProblem, metadataProblems } from './metadata-rules.js';
import { child, INVALID_IP, specialIpProblem } from './name-rules.js';
import type { EndpointAddress, EndpointSubset, Endpoints } from './types.js';

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/;

/** The problems for which the whole Endpoints object is left out. */
export function endpointsProblems(endpoints: Endpoints, raw: unknown): readonly Problem[] {
  const rawSubsets = child(raw, 'subsets');
  return [
    ...metadataProblems(endpoints, raw),
    ...triggerTimeProblems(raw),
    ...(endpoints.subsets ?? []).flatMap((subset, i) =>
      subsetProblems(subset, isArray(rawSubsets) ? rawSubsets[i] : undefined, ['subsets', i]),
    ),
  ];
}

function triggerTimeProblems(raw: unknown): readonly Problem[] {
  const time = annotationOf(raw, TRIGGER_TIME);
  if (typeof time !== 'string') return [];
  const isTime = RFC_3339.test(time) && !Number.isNaN(Date.parse(time));
  const message = 'must be a time such as 2026-01-02T15:04:05Z';
  return isTime ? [] : [annotationProblem(TRIGGER_TIME, message, time)];
}

function subsetProblems(
  { addresses, notReadyAddresses, ports }: EndpointSubset,
  raw: unknown,
  path: FieldPath,
): readonly Problem[] {
  const list = ports ?? [];
  const isEmpty = (addresses ?? []).length === 0 && (notReadyAddresses ?? []).length === 0;
  return [
    ...(isEmpty ? [invalid(path, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...list.flatMap(({ name, port }, i) => [
      ...(list.length > 1 && (name ?? '') === '' ? [required([...path, 'ports', i, 'name'])] : []),
      ...(port === undefined || port === null ? [required([...path, 'ports', i, 'port'])] : []),
    ]),
    ...protocolProblems(child(raw, 'ports'), [...path, 'ports']),
  ];
}

/**
 * The object without the addresses that an API server refuses; the same one where there are none.
 */
export function soundSubsets(endpoints: Endpoints, raw: unknown): SoundEndpoints {
  const problems: Problem[] = [];
  const rawSubsets = child(raw, 'subsets');
  const sound = (
    addresses: readonly EndpointAddress[] | null | undefined,
    rawAddresses: unknown,
    path: FieldPath,
  ): readonly EndpointAddress[] =>
    (addresses ?? []).filter((address, i) => {
      const rawAddress = isArray(rawAddresses) ? rawAddresses[i] : undefined;
      const wrong = wrongAddress(address) ?? wrongHostname(rawAddress);
      if (wrong === undefined) return true;
      problems.push(invalid([...path, i, ...wrong.path], wrong.words, wrong.value));
      return false;
    });
  const subsets = (endpoints.subsets ?? []).map((subset, i) => {
    const own = isArray(rawSubsets) ? rawSubsets[i] : undefined;
    const soundOf = (field: 'addresses' | 'notReadyAddresses'): readonly EndpointAddress[] =>
      sound(subset[field], child(own, field), ['subsets', i, field]);
    return {
      ...subset,
      addresses: soundOf('addresses'),
      notReadyAddresses: soundOf('notReadyAddresses'),
    };
  });
  return problems.length === 0
    ? { object: endpoints, problems }
    : { object: { ...endpoints, subsets }, problems };
}

function wrongAddress({ ip, nodeName }: EndpointAddress): Wrong | undefined {
  const words = parseIp(ip) === undefined ? INVALID_IP : specialIpProblem(ip);
  return words === undefined ? wrongNode(nodeName) : { path: ['ip'], words, value: ip };
}
