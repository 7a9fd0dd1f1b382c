/** What DNS answers for Services that have no ClusterIP. */

import { isInDns } from '../dns/records.js';
import type { Model } from '../model/types.js';
import { parseIp } from '../net/ip.js';
import type { EndpointSlice, EndpointSpec, NamespacedName } from '../snapshot/types.js';
import type { Fault, TraceDestination } from './targets.js';

/** What is asked about a Service, or about an endpoint below it by its hostname. */
export interface NamedDestination {
  /** `namespace/name`. */
  readonly service: NamespacedName;
  readonly hostname: string | undefined;
  /** A number or a name. */
  readonly port: string;
  readonly protocol: string | undefined;
}

/**
 * What DNS answers for a Service without a ClusterIP, the first address of its endpoints, or for
 * the hostname of an endpoint.
 */
export function addressOfName(
  { service, hostname, port, protocol = 'tcp' }: NamedDestination,
  models: readonly Model[],
): TraceDestination | Fault | undefined {
  const object = models[0]?.objects.services.get(service);
  if (object === undefined) return undefined;
  if (object.spec.type === 'ExternalName')
    return {
      fault: `Service ${service} is of type ExternalName: DNS answers with a name, and no rule is about it`,
      hint: 'give the address that the name has, with --to ADDRESS:PORT',
    };
  const slices = models[0]?.objects.slices.get(service) ?? [];
  const found = slices.flatMap((slice) => targetIn(slice, hostname, port, protocol) ?? []);
  if (found[0] !== undefined) return found[0];
  const missing =
    hostname === undefined
      ? `no ClusterIP, and no ready endpoint with port ${port}`
      : `no ready endpoint with hostname ${hostname} and port ${port}`;
  return {
    fault: `Service ${service} has ${missing}`,
    hint: `vipc explain ${service} says why`,
  };
}

/** The first ready endpoint of a slice, or that of a hostname, at a port by number or by name. */
function targetIn(
  { addressType, endpoints, ports }: EndpointSlice,
  hostname: string | undefined,
  port: string,
  protocol: string,
): TraceDestination | undefined {
  const ready = endpoints.find(
    (one) => isInDns(one) && (hostname === undefined || labelOf(one) === hostname),
  );
  const ip = addressType === 'FQDN' ? undefined : parseIp(ready?.addresses[0] ?? '');
  const named = (ports ?? []).find(
    (one) => one.name === port && (one.protocol ?? 'TCP').toLowerCase() === protocol,
  );
  const number = /^\d+$/.test(port) ? Number(port) : (named?.port ?? 0);
  return ip !== undefined && number > 0 && number <= 65535
    ? { ip, port: number, protocol }
    : undefined;
}

/** What CoreDNS calls an endpoint: `db-0`, or `10-244-1-9` where it has no hostname. */
function labelOf({ hostname, addresses: [address = ''] }: EndpointSpec): unknown {
  return hostname || address.replaceAll(/[.:]/g, '-');
}
