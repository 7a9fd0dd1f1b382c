/** Reads the EndpointSlices of one Service into the list of endpoints of each of its ports. */

import type { Diagnostic } from '../diagnostics.js';
import { showValue } from '../diagnostics.js';
import { type Family, familyOf, type Ip, isIpv4Mapped, joinHostPort, parseIp } from '../net/ip.js';
import {
  type EndpointSlice,
  type EndpointSpec,
  HEADLESS_LABEL,
  objectRef,
  type Protocol,
} from '../snapshot/types.js';
import { compareText } from './order.js';
import type { Endpoint } from './types.js';

/** Key of a port within one Service: its name and protocol. */
export function portKey(name: string, protocol: Protocol): string {
  return `${name}/${protocol}`;
}

/**
 * The endpoints of every port, ordered by their `ip:port` text, one per `ip:port`. With `wanted`,
 * keys of {@link portKey}, only those ports: a slice may have thousands that no Service port has.
 *
 * Only slices of the family count, of an endpoint only its first address, and of two entries with
 * the same `ip:port` the later one wins unless it is terminating, so that a running pod beats a
 * terminating one that had the same address (kube-proxy's EndpointSliceCache). Slices come ordered
 * by name, which settles what kube-proxy leaves to chance.
 */
export function endpointsByPort(
  slices: readonly EndpointSlice[],
  family: Family,
  nodeName: string,
  diagnostics: Diagnostic[],
  wanted?: ReadonlySet<string>,
): ReadonlyMap<string, readonly Endpoint[]> {
  const byPort = new Map<string, Map<string, Endpoint>>();
  for (const slice of slices) {
    if (slice.addressType !== family || isHeadless(slice)) continue;
    const hosts = slice.endpoints.flatMap(
      (endpoint, i) => readHost(slice, endpoint, i, diagnostics) ?? [],
    );
    for (const { name, protocol, port } of slice.ports ?? []) {
      const key = portKey(name ?? '', protocol ?? 'TCP');
      // A port without a number has no endpoints.
      if (port == null || port === 0 || wanted?.has(key) === false) continue;
      const endpoints = byPort.get(key) ?? new Map<string, Endpoint>();
      byPort.set(key, endpoints);
      addHosts(endpoints, hosts, port, nodeName);
    }
  }
  const sorted = new Map<string, readonly Endpoint[]>();
  for (const [key, endpoints] of byPort) sorted.set(key, [...endpoints.values()].sort(byTarget));
  return sorted;
}

/** Adds the endpoints that the hosts of one slice are on one of its ports. */
function addHosts(
  endpoints: Map<string, Endpoint>,
  hosts: readonly Host[],
  port: number,
  nodeName: string,
): void {
  for (const { spec, ip } of hosts) {
    const endpoint = endpointOf(spec, ip, port, nodeName);
    if (!endpoint.terminating || !endpoints.has(endpoint.target))
      endpoints.set(endpoint.target, endpoint);
  }
}

/** kube-proxy watches only slices without this label; the type of the Service does not matter. */
function isHeadless({ metadata }: EndpointSlice): boolean {
  return metadata.labels !== undefined && Object.hasOwn(metadata.labels, HEADLESS_LABEL);
}

/** Byte order of `ip:port`, the order of kube-proxy's probability list. */
export function byTarget(a: Endpoint, b: Endpoint): number {
  return compareText(a.target, b.target);
}

interface Host {
  readonly spec: EndpointSpec;
  readonly ip: Ip;
}

/** The usable address of an entry; an entry without one is reported and left out. */
function readHost(
  slice: EndpointSlice,
  spec: EndpointSpec,
  index: number,
  diagnostics: Diagnostic[],
): Host | undefined {
  const text = spec.addresses[0];
  if (text === undefined) return undefined;
  const ip = parseIp(text);
  if (ip !== undefined && familyOf(ip) === slice.addressType && ip === text) return { spec, ip };
  const usable = ip !== undefined && familyOf(ip) === slice.addressType;
  diagnostics.push({
    code: usable
      ? 'non-canonical-address'
      : isIpv4Mapped(text)
        ? 'ipv4-mapped-endpoint'
        : 'invalid-address',
    severity: usable ? 'note' : 'warning',
    message: usable
      ? `read as ${ip}`
      : `not an ${slice.addressType} address: this endpoint is left out`,
    object: objectRef(slice),
    field: `endpoints[${index}].addresses[0]`,
    value: showValue(text),
  });
  return usable ? { spec, ip } : undefined;
}

/** Conditions that are not set mean ready, serving and not terminating (KEP-1672). */
function endpointOf(spec: EndpointSpec, ip: Ip, port: number, nodeName: string): Endpoint {
  return {
    ip,
    port,
    target: joinHostPort(ip, port),
    ready: spec.conditions?.ready ?? true,
    serving: spec.conditions?.serving ?? true,
    terminating: spec.conditions?.terminating ?? false,
    local: nodeName !== '' && spec.nodeName === nodeName,
    nodeName: spec.nodeName ?? '',
    zone: spec.zone ?? '',
    zoneHints: hintNames(spec.hints?.forZones),
    nodeHints: hintNames(spec.hints?.forNodes),
  };
}

const NO_HINTS: readonly string[] = [];

function hintNames(hints: readonly { readonly name: string }[] | undefined): readonly string[] {
  return hints === undefined || hints.length === 0 ? NO_HINTS : hints.map((hint) => hint.name);
}
