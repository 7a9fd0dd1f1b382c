/** What the DNS of a cluster answers for its Services (Kubernetes DNS specification 1.1.0). */

import { type Family, familyOf, type Ip, parseIp } from '../net/ip.js';
import { dnsLabelProblem } from '../snapshot/name-rules.js';
import { isHeadless } from '../snapshot/rules.js';
import {
  clusterIpsOf,
  type EndpointSpec,
  type NamespacedName,
  type Service,
  type Snapshot,
} from '../snapshot/types.js';

/** The cluster domain that nearly every cluster has; no object names another. */
export const CLUSTER_DOMAIN = 'cluster.local';

/** The full name of a Service: `web.shop.svc.cluster.local`. */
export function dnsName(name: NamespacedName, domain: string = CLUSTER_DOMAIN): string {
  const [namespace = '', service = ''] = name.split('/');
  return `${service}.${namespace}.svc.${domain}`;
}

/** One address of one name. */
export interface DnsRecord {
  readonly service: NamespacedName;
  /** The name of an endpoint below the Service's; `''` for the Service itself. */
  readonly hostname: string;
  readonly ip: Ip;
}

/** Why DNS has no address for a Service. */
export type NoAddress = 'external-name' | 'no-cluster-ip' | 'no-endpoints';

export interface DnsRecords {
  /** Ordered by Service; of one Service in the order of its addresses, IPv4 first. */
  readonly records: readonly DnsRecord[];
  readonly without: ReadonlyMap<NamespacedName, NoAddress>;
}

/**
 * The records of these families: ClusterIPs, and for headless Services the addresses of their ready
 * endpoints, each also below its own hostname if it has one. A Service that another proxy handles
 * has a name like every other.
 */
export function dnsRecords(snapshot: Snapshot, families: readonly Family[]): DnsRecords {
  const without = new Map<NamespacedName, NoAddress>();
  const services = [...snapshot.services].sort(([a], [b]) => (a < b ? -1 : 1));
  const records = services.flatMap(([name, service]) => {
    const all = recordsOf(name, service, snapshot);
    if (typeof all !== 'string')
      return families.flatMap((family) => all.filter(({ ip }) => familyOf(ip) === family));
    without.set(name, all);
    return [];
  });
  return { records, without };
}

function recordsOf(
  name: NamespacedName,
  service: Service,
  snapshot: Snapshot,
): readonly DnsRecord[] | NoAddress {
  if (service.spec.type === 'ExternalName') return 'external-name';
  if (isHeadless(service)) {
    const records = endpointRecords(name, snapshot);
    return records.length === 0 ? 'no-endpoints' : records;
  }
  const ips = clusterIpsOf(service);
  return ips.length === 0
    ? 'no-cluster-ip'
    : ips.map((ip) => ({ service: name, hostname: '', ip }));
}

/** Whether DNS names an endpoint: it is ready, as it is where its condition is absent. */
export function isInDns({ conditions }: EndpointSpec): boolean {
  return conditions?.ready !== false;
}

/** All addresses of the endpoints that DNS names count. */
function endpointRecords(name: NamespacedName, { slices }: Snapshot): readonly DnsRecord[] {
  const ready = (slices.get(name) ?? [])
    .filter(({ addressType }) => addressType !== 'FQDN')
    .flatMap(({ endpoints }) => endpoints)
    .filter(isInDns);
  const records = ready.flatMap(({ addresses, hostname }) =>
    addresses
      .flatMap((text) => parseIp(text) ?? [])
      .flatMap((ip) => hostnamesOf(hostname).map((one) => ({ service: name, hostname: one, ip }))),
  );
  // An endpoint may stand in two slices for a moment.
  return [...new Map(records.map((one) => [`${one.hostname} ${one.ip}`, one])).values()];
}

/** What no API server would store is no name. */
function hostnamesOf(hostname: unknown): readonly string[] {
  const isLabel = typeof hostname === 'string' && dnsLabelProblem(hostname) === undefined;
  return isLabel ? ['', hostname] : [''];
}
