/** What the API server refuses in one Endpoints object: `ValidateEndpoints` of Kubernetes 1.36. */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem, required } from '../input/problem.js';
import { isArray } from '../input/value.js';
import {
  protocolProblems,
  type SoundEndpoints,
  type Wrong,
  wrongHostname,
  wrongNode,
} from './endpoint-rules.js';
import { child, metadataProblems, specialIpProblem } from './name-rules.js';
import type { EndpointAddress, EndpointSubset, Endpoints } from './types.js';

/** The problems for which the whole Endpoints object is left out. */
export function endpointsProblems(endpoints: Endpoints, raw: unknown): readonly Problem[] {
  const rawSubsets = child(raw, 'subsets');
  return [
    ...metadataProblems(endpoints, raw),
    ...(endpoints.subsets ?? []).flatMap((subset, i) =>
      subsetProblems(subset, isArray(rawSubsets) ? rawSubsets[i] : undefined, ['subsets', i]),
    ),
  ];
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
  const special = specialIpProblem(ip);
  return special === undefined ? wrongNode(nodeName) : { path: ['ip'], words: special, value: ip };
}
