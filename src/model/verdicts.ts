/**
 * The verdict on everything that the slices of a Service contain, for explaining why an endpoint
 * gets traffic or not. The decisions are those that {@link endpointsByPort} and
 * {@link choosePools} make.
 */

import { addTo } from '../grouping.js';
import { parseIp } from '../net/ip.js';
import type { ProfilePolicy } from '../profiles/types.js';
import {
  type EndpointSlice,
  type EndpointSpec,
  SERVICE_PROXY_NAME_LABEL,
  type Service,
} from '../snapshot/types.js';
import {
  byTarget,
  type EndpointReading,
  endpointOf,
  endpointPortKey,
  firstAddress,
  type PortUse,
  portKey,
  portUse,
  readingOf,
  replaces,
  targetText,
} from './endpoints.js';
import { isOthers, type SliceUse, sliceUse } from './left-to-others.js';
import { serviceFamilies } from './service-ports.js';
import {
  clusterReason,
  localReason,
  type PoolReason,
  poolRequest,
  type Selection,
  selectionOf,
} from './topology.js';
import type { Endpoint, ServiceContext, ServiceEntry, ServicePort } from './types.js';

/** One endpoint of a Service port, with why each pool has it or not. */
export interface EndpointVerdict {
  readonly endpoint: Endpoint;
  /** The name of the slice that it is from. */
  readonly slice: string;
  readonly spec: EndpointSpec;
  /** `duplicate`: another entry with the same `ip:port` counts instead. */
  readonly cluster: PoolReason | 'duplicate';
  readonly local: PoolReason | 'duplicate';
}

/** All endpoints of a Service port. */
export interface PortVerdicts {
  readonly selection: Selection;
  /** Ordered by `ip:port`; of several with the same, the one that counts is among them. */
  readonly endpoints: readonly EndpointVerdict[];
}

/** A part of a slice that is no endpoint of any port of its Service. */
export interface LeftOut {
  readonly slice: string;
  /** An address or a port (`name/TCP`) as it is written; `''`: the whole slice. */
  readonly text: string;
  readonly reason:
    | Exclude<SliceUse, 'used'>
    | Exclude<PortUse, 'used'>
    | 'no-address'
    | 'invalid-address'
    | 'second-address';
}

/** Decides what each endpoint in the slices of a Service port is used for. */
export function portVerdicts(
  { service, slices = [] }: Pick<ServiceEntry, 'service' | 'slices'>,
  context: ServiceContext,
): (port: ServicePort) => PortVerdicts {
  const reading = readingOf(service, context);
  const byKey = usedPorts(slices, reading);
  return (port) => {
    const used = byKey.get(portKey(port.portName, port.protocol)) ?? [];
    return verdictsOf(port, candidatesOf(used, reading), context);
  };
}

function verdictsOf(
  port: ServicePort,
  candidates: readonly Candidate[],
  context: ServiceContext,
): PortVerdicts {
  const counting = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const target = targetText(candidate.endpoint);
    if (!counting.has(target) || replaces(candidate.endpoint, context.policy))
      counting.set(target, candidate);
  }
  const selection = selectionOf(
    [...counting.values()].map(({ endpoint }) => endpoint),
    poolRequest(port, port.externallyAccessible, context),
  );
  const endpoints = candidates
    .toSorted((a, b) => byTarget(a.endpoint, b.endpoint))
    .map((candidate): EndpointVerdict => {
      const counts = counting.get(targetText(candidate.endpoint)) === candidate;
      return {
        ...candidate,
        cluster: counts ? clusterReason(candidate.endpoint, selection) : 'duplicate',
        local: counts ? localReason(candidate.endpoint, selection) : 'duplicate',
      };
    });
  return { selection, endpoints };
}

type Candidate = Pick<EndpointVerdict, 'endpoint' | 'slice' | 'spec'>;

/** A port of a slice. */
interface UsedPort {
  readonly slice: EndpointSlice;
  readonly port: number;
}

/** The ports of slices that have endpoints, in their order, by the key of their Service port. */
function usedPorts(
  slices: readonly EndpointSlice[],
  reading: EndpointReading,
): ReadonlyMap<string, readonly UsedPort[]> {
  const byKey = new Map<string, UsedPort[]>();
  for (const slice of slices) {
    if (sliceUse(slice, reading) !== 'used') continue;
    for (const port of slice.ports ?? [])
      if (portUse(port, undefined) === 'used')
        addTo(byKey, endpointPortKey(port), { slice, port: port.port ?? 0 });
  }
  return byKey;
}

/** The endpoints of one port, in the order in which they replace each other. */
function candidatesOf(used: readonly UsedPort[], reading: EndpointReading): readonly Candidate[] {
  return used.flatMap(({ slice, port }) =>
    slice.endpoints.flatMap((spec): readonly Candidate[] => {
      const ip = firstAddress(slice, spec);
      if (ip === undefined) return [];
      return [{ endpoint: endpointOf(spec, ip, port, reading), slice: slice.metadata.name, spec }];
    }),
  );
}

/**
 * What of the slices of a Service no port of it has, in their order; nothing of a Service without
 * rules, such as a headless one, whose endpoints are for DNS.
 */
export function leftOutOf(
  service: Service,
  slices: readonly EndpointSlice[],
  policy: ProfilePolicy,
): readonly LeftOut[] {
  const families = isOthers(service.metadata, policy, SERVICE_PROXY_NAME_LABEL)
    ? []
    : serviceFamilies(service);
  const [first] = families;
  if (first === undefined) return [];
  const wanted = new Set(
    (service.spec.ports ?? []).map(({ name, protocol }) => portKey(name ?? '', protocol ?? 'TCP')),
  );
  return slices.flatMap((slice) => {
    const { addressType, metadata } = slice;
    const family = families.find((one) => one === addressType) ?? first;
    const use = sliceUse(slice, { family, policy });
    if (use !== 'used') return [{ slice: metadata.name, text: '', reason: use }];
    return [...leftOutPorts(slice, wanted), ...leftOutAddresses(slice)];
  });
}

function leftOutPorts(slice: EndpointSlice, wanted: ReadonlySet<string>): readonly LeftOut[] {
  return (slice.ports ?? []).flatMap((port): readonly LeftOut[] => {
    const reason = portUse(port, wanted);
    if (reason === 'used') return [];
    return [{ slice: slice.metadata.name, text: endpointPortKey(port), reason }];
  });
}

function leftOutAddresses(slice: EndpointSlice): readonly LeftOut[] {
  const { name } = slice.metadata;
  return slice.endpoints.flatMap((spec): readonly LeftOut[] => {
    const [first, ...others] = spec.addresses;
    if (first === undefined) return [{ slice: name, text: '', reason: 'no-address' }];
    const isUsed = firstAddress(slice, spec) !== undefined;
    return [
      ...(isUsed ? [] : [{ slice: name, text: first, reason: 'invalid-address' as const }]),
      ...others
        .filter((text) => parseIp(text) !== parseIp(first))
        .map((text) => ({ slice: name, text, reason: 'second-address' as const })),
    ];
  });
}
