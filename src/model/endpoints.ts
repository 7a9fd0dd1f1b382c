/** Reads the EndpointSlices of one Service into the list of endpoints of each of its ports. */

import type { Diagnostic } from '../diagnostics.js';
import { showValue } from '../diagnostics.js';
import { getOrInsert } from '../grouping.js';
import { familyOf, type Ip, isIpv4Mapped, joinHostPort, parseIp } from '../net/ip.js';
import type { ProfilePolicy } from '../profiles/types.js';
import {
  type EndpointPort,
  type EndpointSlice,
  type EndpointSpec,
  endpointField,
  objectRef,
  type Protocol,
  type Service,
  TOPOLOGY_HINTS_ANNOTATION,
  TOPOLOGY_MODE_ANNOTATION,
} from '../snapshot/types.js';
import { leftToProxy, sliceUse } from './left-to-others.js';
import { compareText } from './order.js';
import type { Endpoint, ServiceContext, ServiceEntry } from './types.js';

/** Key of a port within one Service: its name and protocol. */
export function portKey(name: string, protocol: Protocol): string {
  return `${name}/${protocol}`;
}

/** What decides what an entry of a slice means. */
export interface EndpointReading extends Pick<ServiceContext, 'family' | 'nodeName' | 'policy'> {
  /** Whether hints for zones are read. */
  readonly zoneHints: boolean;
}

/** How the slices of a Service are read. */
export function readingOf(
  { metadata: { annotations = {} } }: Service,
  { family, nodeName, policy }: ServiceContext,
): EndpointReading {
  const requested = annotations[TOPOLOGY_HINTS_ANNOTATION] ?? annotations[TOPOLOGY_MODE_ANNOTATION];
  const isRequested = requested !== undefined && !['', 'disabled', 'Disabled'].includes(requested);
  return { family, nodeName, policy, zoneHints: policy.zoneHints === 'always' || isRequested };
}

/**
 * The endpoints of every port, ordered by their `ip:port` text, one per `ip:port`. With `wanted`,
 * keys of {@link portKey}, only those ports: a slice may have thousands that no Service port has.
 *
 * Only slices of the family count, of an endpoint only its first address, and of two entries with
 * the same `ip:port` the later one wins unless it is terminating, so that a running pod beats a
 * terminating one that had the same address (kube-proxy's EndpointSliceCache; up to 1.35 the later
 * one wins if it is on this node). Slices come ordered by name, which settles what kube-proxy
 * leaves to chance.
 */
export function endpointsByPort(
  slices: readonly EndpointSlice[],
  reading: EndpointReading,
  diagnostics: Diagnostic[],
  wanted?: ReadonlySet<string>,
): ReadonlyMap<string, readonly Endpoint[]> {
  const byPort = new Map<string, Endpoint[]>();
  for (const slice of slices) {
    const use = sliceUse(slice, reading);
    if (use === 'other-proxy-slice') diagnostics.push(leftToProxy(slice));
    if (use !== 'used') continue;
    const ips = slice.endpoints.map((spec, i) => readAddress(slice, spec, i, diagnostics));
    for (const port of slice.ports ?? []) {
      if (portUse(port, wanted) !== 'used') continue;
      const key = endpointPortKey(port);
      const endpoints = getOrInsert(byPort, key, (): Endpoint[] => []);
      addEndpoints(endpoints, slice, ips, port.port ?? 0, reading);
    }
  }
  const sorted = new Map<string, readonly Endpoint[]>();
  for (const [key, endpoints] of byPort)
    sorted.set(key, counting(endpoints.toSorted(byTarget), reading.policy));
  return sorted;
}

/** Adds an endpoint for each entry of a slice that has an address, on one of its ports. */
function addEndpoints(
  endpoints: Endpoint[],
  slice: EndpointSlice,
  ips: readonly (Ip | undefined)[],
  port: number,
  reading: EndpointReading,
): void {
  for (const [i, ip] of ips.entries()) {
    const spec = slice.endpoints[i];
    if (ip !== undefined && spec !== undefined) endpoints.push(endpointOf(spec, ip, port, reading));
  }
}

/** One endpoint for each `ip:port` of a sorted list: most often all of them. */
function counting(sorted: readonly Endpoint[], policy: ProfilePolicy): readonly Endpoint[] {
  const isSame = (one: Endpoint, i: number): boolean => i > 0 && isAlike(one, sorted[i - 1]);
  if (!sorted.some(isSame)) return sorted;
  const kept: Endpoint[] = [];
  for (const endpoint of sorted)
    if (!isAlike(endpoint, kept.at(-1))) kept.push(endpoint);
    else if (replaces(endpoint, policy)) kept[kept.length - 1] = endpoint;
  return kept;
}

function isAlike(a: Endpoint, b: Endpoint | undefined): boolean {
  return b !== undefined && byTarget(a, b) === 0;
}

/** The endpoints of a Service of a model, without what is to be said about its slices. */
export function endpointsOfEntry(
  entry: ServiceEntry | undefined,
  context: ServiceContext,
  wanted?: ReadonlySet<string>,
): ReadonlyMap<string, readonly Endpoint[]> {
  if (entry === undefined) return new Map();
  return endpointsByPort(entry.slices ?? [], readingOf(entry.service, context), [], wanted);
}

/** Whether an endpoint counts instead of an earlier one with the same `ip:port`. */
export function replaces(endpoint: Endpoint, { duplicates }: ProfilePolicy): boolean {
  return duplicates === 'local' ? endpoint.local : !endpoint.terminating;
}

/** Whether a port of a slice is used, or why not. */
export type PortUse = 'used' | 'port-without-number' | 'port-without-service';

/** A port without a number has no endpoints. Without `wanted`, every other port is used. */
export function portUse(port: EndpointPort, wanted: ReadonlySet<string> | undefined): PortUse {
  if (wanted?.has(endpointPortKey(port)) === false) return 'port-without-service';
  return port.port == null || port.port === 0 ? 'port-without-number' : 'used';
}

/** The key of the Service port that a port of a slice belongs to. */
export function endpointPortKey({ name, protocol }: EndpointPort): string {
  return portKey(name ?? '', protocol ?? 'TCP');
}

/** The address of an entry: its first one, where it is one of the slice's family. */
export function firstAddress(
  { addressType }: EndpointSlice,
  { addresses }: EndpointSpec,
): Ip | undefined {
  const ip = parseIp(addresses[0] ?? '');
  return ip !== undefined && familyOf(ip) === addressType ? ip : undefined;
}

/** The `ip:port` that an endpoint is known by, sorted and hashed. */
export function targetText({ written, target }: Pick<Endpoint, 'target' | 'written'>): string {
  return written ?? target;
}

/** Byte order of `ip:port`, the order of kube-proxy's probability list. */
export function byTarget(a: Endpoint, b: Endpoint): number {
  return compareText(targetText(a), targetText(b));
}

/** The usable address of an entry; an entry without one is reported and left out. */
function readAddress(
  slice: EndpointSlice,
  spec: EndpointSpec,
  index: number,
  diagnostics: Diagnostic[],
): Ip | undefined {
  const text = spec.addresses[0];
  if (text === undefined) return undefined;
  const ip = firstAddress(slice, spec);
  if (ip === text) return ip;
  const isMapped = ip === undefined && isIpv4Mapped(text);
  diagnostics.push({
    code:
      ip !== undefined
        ? 'non-canonical-address'
        : isMapped
          ? 'ipv4-mapped-endpoint'
          : 'invalid-address',
    severity: ip !== undefined ? 'note' : 'warning',
    message:
      ip !== undefined
        ? `read as ${ip}`
        : `not an ${slice.addressType} address: this endpoint is left out`,
    object: objectRef(slice),
    field: `${endpointField(slice, index)}.addresses[0]`,
    value: showValue(text),
  });
  return ip;
}

/** Conditions that are not set mean ready, serving and not terminating (KEP-1672). */
export function endpointOf(
  spec: EndpointSpec,
  ip: Ip,
  port: number,
  { nodeName, zoneHints, policy }: EndpointReading,
): Endpoint {
  const endpoint: Endpoint = {
    ip,
    port,
    target: joinHostPort(ip, port),
    ready: spec.conditions?.ready ?? true,
    serving: spec.conditions?.serving ?? true,
    terminating: spec.conditions?.terminating ?? false,
    local: nodeName !== '' && spec.nodeName === nodeName,
    nodeName: spec.nodeName ?? '',
    zone: spec.zone ?? '',
    zoneHints: zoneHints ? hintNames(spec.hints?.forZones) : NO_HINTS,
    nodeHints: policy.nodeHints ? hintNames(spec.hints?.forNodes) : NO_HINTS,
  };
  const [text = ''] = spec.addresses;
  if (policy.addressText === 'canonical' || text === ip) return endpoint;
  return { ...endpoint, written: joinHostPort(text, port) };
}

const NO_HINTS: readonly string[] = [];

function hintNames(hints: readonly { readonly name: string }[] | undefined): readonly string[] {
  return hints === undefined || hints.length === 0 ? NO_HINTS : hints.map((hint) => hint.name);
}
