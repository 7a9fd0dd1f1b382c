/**
 * ClusterIPs for Services that have none. Addresses that objects name are never changed and never
 * given twice; the rest go by a hash of namespace/name, so that a Service keeps its address when
 * others are added or removed. Where two hash to the same address, the first by name gets it.
 */

import type { Diagnostic } from '../../diagnostics.js';
import { type Cidr, cidrParts } from '../../net/cidr.js';
import {
  addressBits,
  type Family,
  familyOf,
  type Ip,
  ipFromBigInt,
  ipToBigInt,
  parseIp,
} from '../../net/ip.js';
import { namespacedName, objectRef, type Service } from '../types.js';
import { hasClusterIp } from './defaults.js';
import { pickPlace } from './hash.js';
import { assumedRangesNote, type ServiceRanges, storedFamilies } from './service-ranges.js';

/** Services after a step of completion, in their order, and what the step did. */
export interface CompletedServices {
  readonly services: readonly Service[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Assignment {
  readonly taken: Set<Ip>;
  /** How many of the first networks of a family have no free address left. */
  readonly usedUp: Record<Family, number>;
  readonly diagnostics: Diagnostic[];
}

/**
 * The same Services, each with the addresses that its families ask for; a note for each assigned
 * one.
 */
export function assignClusterIps(
  services: readonly Service[],
  ranges: ServiceRanges,
): CompletedServices {
  const open = services.filter(lacksClusterIp).toSorted(byNamespacedName);
  if (open.length === 0) return { services, diagnostics: [] };
  const state: Assignment = {
    taken: new Set(services.flatMap(ownAddresses)),
    usedUp: { IPv4: 0, IPv6: 0 },
    diagnostics: [],
  };
  const done = new Map(open.map((service) => [service, assign(service, ranges, state)]));
  const { diagnostics } = state;
  const assigned = diagnostics.some((diagnostic) => diagnostic.code === 'assigned-cluster-ip');
  return {
    services: services.map((service) => done.get(service) ?? service),
    diagnostics: assigned && ranges.assumed ? [assumedRangesNote(), ...diagnostics] : diagnostics,
  };
}

/**
 * Whether an address is missing. A stored Service of an old cluster has a ClusterIP and neither
 * ipFamilies nor clusterIPs: it is complete, unless its policy demands two families.
 */
function lacksClusterIp(service: Service): boolean {
  const { type, clusterIP, clusterIPs, ipFamilyPolicy, ipFamilies } = service.spec;
  if (type === 'ExternalName' || clusterIP === 'None' || clusterIPs?.[0] === 'None') return false;
  if (!hasClusterIp(service)) return true;
  return clusterIPs === undefined && (asksForTwo(ipFamilyPolicy) || ipFamilies?.length === 2);
}

function asksForTwo(policy: Service['spec']['ipFamilyPolicy']): boolean {
  return policy === 'PreferDualStack' || policy === 'RequireDualStack';
}

function assign(service: Service, ranges: ServiceRanges, state: Assignment): Service {
  const { taken, diagnostics } = state;
  const own = ownAddresses(service);
  const families = familiesOf(service, own, ranges);
  const ips: string[] = [];
  for (const family of families) {
    const ip =
      own.find((address) => familyOf(address) === family) ??
      freeAddress(service, family, ranges[family], state);
    if (ip === undefined) {
      diagnostics.push(noAddress(service, family, ranges[family]));
      continue;
    }
    if (!own.includes(ip)) diagnostics.push(assignedNote(service, ip, ips.length));
    taken.add(ip);
    ips.push(ip);
  }
  const [clusterIP] = ips;
  if (clusterIP === undefined) return service;
  const { spec } = service;
  return {
    ...service,
    spec: {
      ...spec,
      clusterIP: hasClusterIp(service) ? (spec.clusterIP ?? clusterIP) : clusterIP,
      clusterIPs: ips,
      ipFamilies: ips.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4')),
      ipFamilyPolicy:
        spec.ipFamilyPolicy ?? (ips.length === 2 ? 'RequireDualStack' : 'SingleStack'),
    },
  };
}

/** The families in order: those of its own addresses, else those that an API server gives it. */
function familiesOf(
  service: Service,
  own: readonly Ip[],
  ranges: ServiceRanges,
): readonly Family[] {
  const [ownFamily, ...others] = own.map(familyOf);
  const first = ownFamily ?? service.spec.ipFamilies?.[0] ?? ranges.primary;
  return others.length > 0 ? [first, ...others] : storedFamilies(first, service.spec, ranges);
}

function ownAddresses(service: Service): readonly Ip[] {
  const { clusterIP = '', clusterIPs = [] } = service.spec;
  return [...new Set([clusterIP, ...clusterIPs].map(parseIp).filter((ip) => ip !== undefined))];
}

/** A free address of the networks, by the Service's own sequence of places. */
function freeAddress(
  service: Service,
  family: Family,
  cidrs: readonly Cidr[],
  state: Assignment,
): Ip | undefined {
  for (let i = state.usedUp[family]; i < cidrs.length; i++) {
    const cidr = cidrs[i];
    if (cidr === undefined) break;
    const { ip, bits } = cidrParts(cidr);
    const base = ipToBigInt(ip);
    const at = (place: number): Ip => ipFromBigInt(base + BigInt(place + FIRST_PLACE), family);
    const places = placesIn(family, bits);
    const isFree = (index: number): boolean => !state.taken.has(at(index));
    const place =
      places > 0 ? pickPlace(namespacedName(service.metadata), places, isFree) : undefined;
    if (place !== undefined) return at(place);
    state.usedUp[family]++;
  }
  return undefined;
}

/** The network's own address is not assigned, and the first one is that of Service kubernetes. */
const FIRST_PLACE = 2;

/** How many addresses can be assigned: not the broadcast address of IPv4; at most 2^32 of IPv6. */
function placesIn(family: Family, bits: number): number {
  const size = 2 ** Math.min(addressBits(family) - bits, 32);
  return size - FIRST_PLACE - (family === 'IPv4' ? 1 : 0);
}

function assignedNote(service: Service, ip: Ip, index: number): Diagnostic {
  const field = index === 0 ? 'spec.clusterIP' : `spec.clusterIPs[${index}]`;
  return {
    code: 'assigned-cluster-ip',
    severity: 'note',
    message: `Service ${namespacedName(service.metadata)}: ${field} ${ip} assigned`,
    object: objectRef(service),
    field,
  };
}

/** How many networks a message names. */
const SHOWN = 3;

function noAddress(service: Service, family: Family, cidrs: readonly Cidr[]): Diagnostic {
  const more = cidrs.length - SHOWN;
  const verb = cidrs.length === 1 ? 'is' : 'are';
  const why =
    cidrs.length === 0
      ? `there is no ${family} service network`
      : `${cidrs.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''} ${verb} used up`;
  return {
    code: 'no-cluster-ip',
    severity: 'error',
    message: `Service ${namespacedName(service.metadata)} gets no spec.clusterIP of family ${family}: ${why}`,
    object: objectRef(service),
    field: 'spec.clusterIP',
    hint: `name a network with --service-cidr, or write the address into the Service`,
  };
}

/** By namespace/name, the order of allocation. */
export function byNamespacedName(a: Service, b: Service): number {
  const first = namespacedName(a.metadata);
  const second = namespacedName(b.metadata);
  return first < second ? -1 : first > second ? 1 : 0;
}
