/**
 * What the API server refuses in one EndpointSlice or Endpoints object: `ValidateEndpointSlice` and
 * `ValidateEndpoints` of Kubernetes 1.36. A rule about one endpoint costs that endpoint alone.
 */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import {
  labelProblems,
  labelValueProblem,
  specialIpProblem,
  subdomainProblem,
} from './name-rules.js';
import type {
  EndpointAddress,
  EndpointSlice,
  EndpointSpec,
  Endpoints,
  KubernetesObject,
} from './types.js';

/** An object without the endpoints that an API server refuses, and why each was left out. */
export interface SoundEndpoints {
  readonly object: KubernetesObject;
  readonly problems: readonly Problem[];
}

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_HINTS = 8;

/** The problems of a slice that cost it as a whole. */
export function sliceProblems({ metadata, endpoints, ports }: EndpointSlice): readonly Problem[] {
  const tooMany = (path: FieldPath, count: number, most: number): readonly Problem[] =>
    count > most ? [invalid(path, `must have at most ${most} items, not ${count}`)] : [];
  return [
    ...labelProblems(['metadata', 'labels'], metadata.labels),
    ...tooMany(['endpoints'], endpoints.length, MAX_ENDPOINTS),
    ...tooMany(['ports'], ports?.length ?? 0, MAX_PORTS),
  ];
}

/**
 * The object without the endpoints that an API server refuses; the same one where there are none.
 */
export function soundEndpoints(object: KubernetesObject): SoundEndpoints {
  if (object.kind === 'EndpointSlice') return soundSlice(object);
  if (object.kind === 'Endpoints') return soundSubsets(object);
  return { object, problems: [] };
}

function soundSlice(slice: EndpointSlice): SoundEndpoints {
  const problems: Problem[] = [];
  const endpoints = slice.endpoints.filter((endpoint, i) => {
    const problem = endpointProblem(slice, endpoint, ['endpoints', i]);
    if (problem !== undefined) problems.push(problem);
    return problem === undefined;
  });
  return problems.length === 0
    ? { object: slice, problems }
    : { object: { ...slice, endpoints }, problems };
}

/** The first problem of one endpoint. */
function endpointProblem(
  { addressType }: EndpointSlice,
  { addresses, nodeName, hints }: EndpointSpec,
  path: FieldPath,
): Problem | undefined {
  if (addresses.length > MAX_ADDRESSES) {
    const message = `must have at most ${MAX_ADDRESSES} items, not ${addresses.length}`;
    return invalid([...path, 'addresses'], message);
  }
  const bad = (inner: FieldPath, words: string | undefined, value: unknown): Problem | undefined =>
    words === undefined ? undefined : invalid([...path, ...inner], words, value);
  for (const [i, address] of addresses.entries()) {
    const words =
      addressType === 'FQDN'
        ? subdomainProblem(address.replace(/\.$/, ''))
        : specialIpProblem(address);
    if (words !== undefined) return bad(['addresses', i], words, address);
  }
  const node = nodeName ?? '';
  return (
    (node === '' ? undefined : bad(['nodeName'], subdomainProblem(node), node)) ??
    hintProblem(hints?.forZones, [...path, 'hints', 'forZones']) ??
    hintProblem(hints?.forNodes, [...path, 'hints', 'forNodes'])
  );
}

function hintProblem(
  hints: readonly { readonly name: string }[] = [],
  path: FieldPath,
): Problem | undefined {
  if (hints.length > MAX_HINTS) {
    return invalid(path, `must have at most ${MAX_HINTS} items, not ${hints.length}`);
  }
  const seen = new Set<string>();
  for (const [i, { name }] of hints.entries()) {
    const words = seen.has(name)
      ? 'is given twice'
      : name === ''
        ? 'must not be empty'
        : labelValueProblem(name);
    if (words !== undefined) return invalid([...path, i, 'name'], words, name);
    seen.add(name);
  }
  return undefined;
}

function soundSubsets(endpoints: Endpoints): SoundEndpoints {
  const problems: Problem[] = [];
  const sound = (
    addresses: readonly EndpointAddress[] | null | undefined,
    path: FieldPath,
  ): readonly EndpointAddress[] =>
    (addresses ?? []).filter(({ ip, nodeName }, i) => {
      const node = nodeName ?? '';
      const special = specialIpProblem(ip);
      const named = node === '' ? undefined : subdomainProblem(node);
      if (special !== undefined) problems.push(invalid([...path, i, 'ip'], special, ip));
      else if (named !== undefined) problems.push(invalid([...path, i, 'nodeName'], named, node));
      return special === undefined && named === undefined;
    });
  const subsets = (endpoints.subsets ?? []).map((subset, i) => ({
    ...subset,
    addresses: sound(subset.addresses, ['subsets', i, 'addresses']),
    notReadyAddresses: sound(subset.notReadyAddresses, ['subsets', i, 'notReadyAddresses']),
  }));
  return problems.length === 0
    ? { object: endpoints, problems }
    : { object: { ...endpoints, subsets }, problems };
}
