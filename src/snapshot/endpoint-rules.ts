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
    const wrong = wrongIn(slice.addressType, endpoint);
    if (wrong === undefined) return true;
    problems.push(invalid(['endpoints', i, ...wrong.path], wrong.words, wrong.value));
    return false;
  });
  return problems.length === 0
    ? { object: slice, problems }
    : { object: { ...slice, endpoints }, problems };
}

/** What is wrong with a part of one endpoint. Made for bad ones only: there are many good ones. */
interface Wrong {
  readonly path: FieldPath;
  readonly words: string;
  readonly value?: string;
}

/** The first thing that is wrong with one endpoint. */
function wrongIn(
  addressType: EndpointSlice['addressType'],
  { addresses, nodeName, hints }: EndpointSpec,
): Wrong | undefined {
  if (addresses.length > MAX_ADDRESSES) {
    const words = `must have at most ${MAX_ADDRESSES} items, not ${addresses.length}`;
    return { path: ['addresses'], words };
  }
  const problemOf = addressType === 'FQDN' ? fqdnProblem : specialIpProblem;
  for (const [i, value] of addresses.entries()) {
    const words = problemOf(value);
    if (words !== undefined) return { path: ['addresses', i], words, value };
  }
  const node = nodeName ?? '';
  const words = node === '' ? undefined : subdomainProblem(node);
  if (words !== undefined) return { path: ['nodeName'], words, value: node };
  if (hints === undefined || hints === null) return undefined;
  return wrongHint('forZones', hints.forZones) ?? wrongHint('forNodes', hints.forNodes);
}

function fqdnProblem(address: string): string | undefined {
  return subdomainProblem(address.replace(/\.$/, ''));
}

function wrongHint(
  field: string,
  hints: readonly { readonly name: string }[] = [],
): Wrong | undefined {
  if (hints.length > MAX_HINTS) {
    const words = `must have at most ${MAX_HINTS} items, not ${hints.length}`;
    return { path: ['hints', field], words };
  }
  const seen = new Set<string>();
  for (const [i, { name }] of hints.entries()) {
    const words = hintProblem(name, seen);
    if (words !== undefined) return { path: ['hints', field, i, 'name'], words, value: name };
    seen.add(name);
  }
  return undefined;
}

function hintProblem(name: string, seen: ReadonlySet<string>): string | undefined {
  if (name === '') return 'must not be empty';
  return seen.has(name) ? 'is given twice' : labelValueProblem(name);
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
