/**
 * What the API server refuses in one EndpointSlice: `ValidateEndpointSlice` of Kubernetes 1.36. An
 * endpoint that breaks a rule is left out, and the others stay.
 */

import type { FieldPath } from '../input/path.js';
import { invalid, type Problem } from '../input/problem.js';
import { isArray } from '../input/value.js';
import { type Family, familyOf, parseIp } from '../net/ip.js';
import { metadataProblems } from './metadata-rules.js';
import {
  child,
  dnsLabelProblem,
  dottedNameProblem,
  INVALID_IP,
  labelValueProblem,
  qualifiedNameProblem,
  specialIpProblem,
  subdomainProblem,
  textProblems,
  when,
} from './name-rules.js';
import type { EndpointSlice, EndpointSpec, KubernetesObject } from './types.js';

/** An object without the endpoints that an API server refuses, and why each was left out. */
export interface SoundEndpoints {
  readonly object: KubernetesObject;
  readonly problems: readonly Problem[];
}

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_HINTS = 8;

/** The problems for which the whole slice is left out. */
export function sliceProblems(slice: EndpointSlice, raw: unknown): readonly Problem[] {
  const { endpoints, ports } = slice;
  return [
    ...metadataProblems(slice, raw),
    ...when(tooMany(endpoints.length, MAX_ENDPOINTS), ['endpoints'], undefined),
    ...when(tooMany(ports?.length ?? 0, MAX_PORTS), ['ports'], undefined),
    ...protocolProblems(child(raw, 'ports'), ['ports']),
  ];
}

/** The problems of the appProtocol of ports, which no rule reads. */
export function protocolProblems(rawPorts: unknown, path: FieldPath): readonly Problem[] {
  if (!isArray(rawPorts)) return [];
  return rawPorts.flatMap((port, i) =>
    textProblems(qualifiedNameProblem, [...path, i, 'appProtocol'], child(port, 'appProtocol')),
  );
}

function tooMany(count: number, most: number): string | undefined {
  return count > most ? `must have at most ${most} items, not ${count}` : undefined;
}

/**
 * The slice without the endpoints that an API server refuses; the same one where there are none.
 */
export function soundSlice(slice: EndpointSlice, raw: unknown): SoundEndpoints {
  const rawEndpoints = child(raw, 'endpoints');
  const problems: Problem[] = [];
  const inputIndices: number[] = [];
  for (const [i, endpoint] of slice.endpoints.entries()) {
    const rawEndpoint = isArray(rawEndpoints) ? rawEndpoints[i] : undefined;
    const wrong = wrongIn(slice.addressType, endpoint) ?? wrongHostname(rawEndpoint);
    if (wrong === undefined) inputIndices.push(i);
    else problems.push(invalid(['endpoints', i, ...wrong.path], wrong.words, wrong.value));
  }
  if (problems.length === 0) return { object: slice, problems };
  const endpoints = inputIndices.flatMap((i) => slice.endpoints[i] ?? []);
  return { object: { ...slice, endpoints, inputIndices }, problems };
}

/** A problem of one endpoint. Allocated for bad ones only: there are many good ones. */
export interface Wrong {
  readonly path: FieldPath;
  readonly words: string;
  readonly value?: unknown;
}

/** The first thing that is wrong with one endpoint. */
function wrongIn(
  addressType: EndpointSlice['addressType'],
  { addresses, nodeName, hints }: EndpointSpec,
): Wrong | undefined {
  const count = addresses.length;
  const wrongCount =
    count === 0 ? 'must contain at least 1 address' : tooMany(count, MAX_ADDRESSES);
  if (wrongCount !== undefined) return { path: ['addresses'], words: wrongCount };
  for (const [i, value] of addresses.entries()) {
    const words = addressProblem(addressType, value, i);
    if (words !== undefined) return { path: ['addresses', i], words, value };
  }
  return (
    wrongNode(nodeName) ??
    wrongHint('forZones', hints?.forZones, labelValueProblem) ??
    wrongHint('forNodes', hints?.forNodes, subdomainProblem)
  );
}

/** The model reads the first address and reports what is no address; the others end here. */
function addressProblem(
  addressType: EndpointSlice['addressType'],
  text: string,
  index: number,
): string | undefined {
  if (addressType === 'FQDN') return domainProblem(text);
  return specialIpProblem(text) ?? (index > 0 ? familyProblem(addressType, text) : undefined);
}

/** What is wrong with the name of an endpoint's node. */
export function wrongNode(nodeName: string | null | undefined): Wrong | undefined {
  const value = nodeName ?? '';
  const words = value === '' ? undefined : subdomainProblem(value);
  return words === undefined ? undefined : { path: ['nodeName'], words, value };
}

function familyProblem(family: Family, text: string): string | undefined {
  const ip = parseIp(text);
  if (ip === undefined) return INVALID_IP;
  return familyOf(ip) === family ? undefined : `must be an ${family} address`;
}

/** `IsFullyQualifiedDomainName`. */
function domainProblem(address: string): string | undefined {
  const words = dottedNameProblem(address);
  if (words !== undefined || address.replace(/\.$/, '').includes('.')) return words;
  return 'should be a domain with at least two segments separated by dots';
}

/** What is wrong with the hostname of a raw endpoint. */
export function wrongHostname(raw: unknown): Wrong | undefined {
  const value = child(raw, 'hostname') ?? '';
  const words = typeof value === 'string' ? dnsLabelProblem(value) : 'must be a string';
  return value === '' || words === undefined ? undefined : { path: ['hostname'], words, value };
}

function wrongHint(
  field: string,
  hints: readonly { readonly name: string }[] | undefined,
  problemOf: (name: string) => string | undefined,
): Wrong | undefined {
  if (hints === undefined) return undefined;
  const most = tooMany(hints.length, MAX_HINTS);
  if (most !== undefined) return { path: ['hints', field], words: most };
  const seen = new Set<string>();
  for (const [i, { name }] of hints.entries()) {
    const words = name === '' ? 'must not be empty' : problemOf(name);
    const path = ['hints', field, i, 'name'];
    if (words !== undefined) return { path, words, value: name };
    if (seen.has(name)) return { path, words: 'is given twice', value: name };
    seen.add(name);
  }
  return undefined;
}
