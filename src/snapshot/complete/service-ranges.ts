/** The networks that ClusterIPs are allocated from. */

import type { Diagnostic } from '../../diagnostics.js';
import { type Cidr, cidrFamily, parseCidr } from '../../net/cidr.js';
import type { Family } from '../../net/ip.js';
import type { Service, ServiceCidr } from '../types.js';

/** Networks of each family, and the family that Services get when they do not ask for one. */
export interface ServiceRanges {
  readonly primary: Family;
  readonly IPv4: readonly Cidr[];
  readonly IPv6: readonly Cidr[];
  /** Whether neither a flag nor an object names networks, so that these are vipc's defaults. */
  readonly assumed: boolean;
}

/** kubeadm's default, and an IPv6 network that looks like it. */
const ASSUMED = ['10.96.0.0/12', 'fd00:10:96::/112'];

/**
 * The networks to assign ClusterIPs from: those of `--service-cidr`, else those of the ServiceCIDR
 * objects (the one named `kubernetes` first, which is the API server's own), else kubeadm's
 * default.
 */
export function serviceRanges(
  given: readonly Cidr[],
  objects: readonly ServiceCidr[],
): ServiceRanges {
  if (given.length > 0) return ranges(given, false);
  const ordered = objects.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const stored = parsed(ordered.flatMap((object) => object.spec?.cidrs ?? []));
  return stored.length > 0 ? ranges(stored, false) : ranges(parsed(ASSUMED), true);
}

/**
 * The families of a Service whose first one is known, as the API server stores them: a second one
 * if two are required, or preferred and the cluster has networks of both.
 */
export function storedFamilies(
  first: Family,
  { ipFamilies, ipFamilyPolicy }: Service['spec'],
  ranges: ServiceRanges,
): readonly Family[] {
  const second: Family = first === 'IPv4' ? 'IPv6' : 'IPv4';
  const isDual =
    ipFamilyPolicy === 'RequireDualStack' ||
    new Set(ipFamilies).size === 2 ||
    (ipFamilyPolicy === 'PreferDualStack' && ranges[second].length > 0);
  return isDual ? [first, second] : [first];
}

/** The note that ClusterIPs are allocated from default networks. */
export function assumedRangesNote(): Diagnostic {
  return {
    code: 'assumed-service-cidr',
    severity: 'note',
    message: `ClusterIPs are assigned from ${ASSUMED.join(' and ')}, because neither --service-cidr nor a ServiceCIDR names the networks of the cluster`,
    hint: 'name them with --service-cidr',
  };
}

function parsed(texts: readonly string[]): readonly Cidr[] {
  return texts.map(parseCidr).filter((cidr) => cidr !== undefined);
}

function ranges(cidrs: readonly Cidr[], assumed: boolean): ServiceRanges {
  const ofFamily = (family: Family): readonly Cidr[] =>
    cidrs.filter((cidr) => cidrFamily(cidr) === family);
  const first = cidrs[0];
  return {
    primary: first === undefined ? 'IPv4' : cidrFamily(first),
    IPv4: ofFamily('IPv4'),
    IPv6: ofFamily('IPv6'),
    assumed,
  };
}

function rank(object: ServiceCidr): string {
  return object.metadata.name === 'kubernetes' ? '' : object.metadata.name;
}
