/** Notes about the EndpointSlices of one Service of a manifest: what is not used, and why. */

import type { Diagnostic } from '../diagnostics.js';
import { familyOf } from '../net/ip.js';
import { note } from './object-diagnostics.js';
import {
  clusterIpsOf,
  type EndpointSlice,
  type EndpointSpec,
  endpointField,
  HEADLESS_LABEL,
  type Protocol,
  type Service,
} from './types.js';

/** The notes about the slices of a Service. */
export function sliceNotes(
  service: Service,
  slices: readonly EndpointSlice[],
): readonly Diagnostic[] {
  return [
    ...slices.flatMap(oneSliceNotes),
    ...readinessNotes(service, slices),
    ...familyNotes(service, slices),
    ...portNotes(service, slices),
  ];
}

/** Slices that have endpoints, but none that gets traffic. */
function readinessNotes(service: Service, slices: readonly EndpointSlice[]): readonly Diagnostic[] {
  const endpoints = slices.flatMap((slice) => slice.endpoints);
  const isUsed = ({ conditions }: EndpointSpec): boolean =>
    (conditions?.ready ?? true) ||
    ((conditions?.serving ?? true) && (conditions?.terminating ?? false));
  if (endpoints.length === 0 || endpoints.some(isUsed)) return [];
  const count = `${endpoints.length} endpoint${endpoints.length === 1 ? '' : 's'}`;
  return [note('no-ready-endpoint', service, `none of its ${count} is ready`)];
}

function oneSliceNotes(slice: EndpointSlice): readonly Diagnostic[] {
  if (slice.addressType === 'FQDN') {
    return [note('fqdn-slice', slice, 'is not used: rules need addresses', 'addressType')];
  }
  if (slice.metadata.labels?.[HEADLESS_LABEL] !== undefined) {
    return [note('headless-slice', slice, `is not used: it has the label ${HEADLESS_LABEL}`)];
  }
  const several = slice.endpoints.findIndex(({ addresses }) => addresses.length > 1);
  const field = `${endpointField(slice, several)}.addresses`;
  const unnumbered = (slice.ports ?? []).findIndex((port) => (port.port ?? 0) === 0);
  return [
    ...(several < 0
      ? []
      : [note('second-address', slice, 'only the first address is used', field)]),
    ...(unnumbered < 0
      ? []
      : [
          note('port-without-number', slice, 'is not used: it has no port', `ports[${unnumbered}]`),
        ]),
  ];
}

/** Families of the Service that no slice has, while others do. */
function familyNotes(service: Service, slices: readonly EndpointSlice[]): readonly Diagnostic[] {
  const given = new Set(slices.map(({ addressType }) => addressType));
  if (!given.has('IPv4') && !given.has('IPv6')) return [];
  const families = service.spec.ipFamilies ?? clusterIpsOf(service).map(familyOf);
  const missing = families.filter((family) => !given.has(family));
  return missing.map((family) =>
    note('family-without-slices', service, `has no EndpointSlice of ${family}`),
  );
}

interface NamedPort {
  readonly name?: string | null | undefined;
  readonly protocol?: Protocol | null | undefined;
}

/** `name/protocol`, by which ports of Services and of slices meet. */
function portText({ name, protocol }: NamedPort): string {
  return `${name ?? ''}/${protocol ?? 'TCP'}`;
}

/** Ports of the Service and of its slices that do not meet. */
function portNotes(service: Service, slices: readonly EndpointSlice[]): readonly Diagnostic[] {
  if (slices.length === 0) return [];
  const wanted = new Set((service.spec.ports ?? []).map(portText));
  const given = new Set(slices.flatMap(({ ports }) => (ports ?? []).map(portText)));
  const lost = [...wanted].filter((port) => !given.has(port));
  const unused = slices.flatMap((slice) =>
    (slice.ports ?? []).flatMap((port, i) =>
      wanted.has(portText(port))
        ? []
        : [
            note(
              'port-without-service',
              slice,
              `${shown(portText(port))} is not a port of its Service`,
              `ports[${i}]`,
            ),
          ],
    ),
  );
  return [
    ...lost.map((port) =>
      note('port-without-slice', service, `no EndpointSlice has its port ${shown(port)}`),
    ),
    ...unused.slice(0, 5),
  ];
}

function shown(port: string): string {
  return port.startsWith('/') ? `(no name)${port}` : port;
}
