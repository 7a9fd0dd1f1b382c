/**
 * Notes about manifests in which the right thing happens in silence: a Service that has no rules,
 * endpoints that no Service uses. Right for a cluster, but in a file mostly a mistake.
 */

import type { Diagnostic } from '../diagnostics.js';
import { cidrContains, cidrFamily, parseCidr } from '../net/cidr.js';
import { familyOf, type Ip, parseIp } from '../net/ip.js';
import { refText } from './object-diagnostics.js';
import {
  type EndpointSlice,
  type KubernetesObject,
  objectRef,
  type Protocol,
  SERVICE_PROXY_NAME_LABEL,
  type Service,
  type Snapshot,
} from './types.js';

const NONE: readonly EndpointSlice[] = [];

/** The notes about a snapshot, by Service, then those about slices of no Service. */
export function manifestNotes(snapshot: Snapshot): readonly Diagnostic[] {
  const services = [...snapshot.services].flatMap(([name, service]) => {
    const slices = snapshot.slices.get(name) ?? NONE;
    return [...withoutRules(service), ...serviceNotes(service, slices, snapshot)];
  });
  const orphans = [...snapshot.slices]
    .filter(([name]) => !snapshot.services.has(name))
    .flatMap(([name, slices]) =>
      slices.map((slice) =>
        note('orphaned-slice', slice, `names Service ${name}, which is not in the input`),
      ),
    );
  return [...services, ...orphans];
}

function note(code: string, object: KubernetesObject, message: string, field = ''): Diagnostic {
  const ref = objectRef(object);
  const text = `${refText(ref)}: ${field === '' ? '' : `${field}: `}${message}`;
  const diagnostic = { code, severity: 'note', message: text, object: ref } as const;
  return field === '' ? diagnostic : { ...diagnostic, field };
}

/** Why a Service has no rules at all. */
function withoutRules(service: Service): readonly Diagnostic[] {
  const why = reasonForNoRules(service);
  return why === undefined ? [] : [note('service-without-rules', service, `has no rules: ${why}`)];
}

function reasonForNoRules({ metadata, spec }: Service): string | undefined {
  const proxy = metadata.labels?.[SERVICE_PROXY_NAME_LABEL];
  if (proxy !== undefined) return `its label ${SERVICE_PROXY_NAME_LABEL} gives it to another proxy`;
  if (spec.type === 'ExternalName') return 'an ExternalName is a name in DNS only';
  return spec.clusterIP === 'None' ? 'it is headless' : undefined;
}

function serviceNotes(
  service: Service,
  slices: readonly EndpointSlice[],
  snapshot: Snapshot,
): readonly Diagnostic[] {
  if (reasonForNoRules(service) !== undefined) return [];
  return [
    ...outsideNetworks(service, snapshot),
    ...(slices.length === 0 ? withoutEndpoints(service, snapshot) : []),
    ...slices.flatMap(sliceNotes),
    ...familyNotes(service, slices),
    ...portNotes(service, slices),
  ];
}

function outsideNetworks(service: Service, { serviceCidrs }: Snapshot): readonly Diagnostic[] {
  const cidrs = serviceCidrs.flatMap(({ spec }) =>
    (spec?.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []),
  );
  return clusterIpsOf(service).flatMap((ip) => {
    const networks = cidrs.filter((cidr) => cidrFamily(cidr) === familyOf(ip));
    if (networks.length === 0 || networks.some((cidr) => cidrContains(cidr, ip))) return [];
    const message = `${ip} is in no ServiceCIDR of the input`;
    return [note('cluster-ip-outside', service, message, 'spec.clusterIP')];
  });
}

function clusterIpsOf({ spec }: Service): readonly Ip[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).flatMap((text) => parseIp(text) ?? []);
}

function withoutEndpoints(service: Service, { skippedKinds }: Snapshot): readonly Diagnostic[] {
  if (Object.keys(service.spec.selector ?? {}).length === 0) return [];
  const workload = [...skippedKinds.keys()].find((kind) => kind.startsWith('apps/v1 '));
  const found = note(
    'no-endpoints-given',
    service,
    'has a selector, but the input has no Pod that it matches and no EndpointSlice of it',
  );
  if (workload === undefined) return [found];
  const kind = workload.slice('apps/v1 '.length);
  return [
    {
      ...found,
      hint: `Pods are read, not the ${kind} that makes them: add kubectl get pods -o yaml`,
    },
  ];
}

function sliceNotes(slice: EndpointSlice): readonly Diagnostic[] {
  if (slice.addressType === 'FQDN') {
    return [note('fqdn-slice', slice, 'is not used: rules need addresses', 'addressType')];
  }
  const several = slice.endpoints.findIndex(({ addresses }) => addresses.length > 1);
  if (several < 0) return [];
  const field = `endpoints[${several}].addresses`;
  return [note('second-address', slice, 'only the first address is used', field)];
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
              `${shown(portText(port))} is no port of its Service`,
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
