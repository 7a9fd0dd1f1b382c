/** What DNS answers for Services that have no ClusterIP. */

import type { Model } from '../model/types.js';
import { parseIp } from '../net/ip.js';
import type { EndpointSlice } from '../snapshot/types.js';
import type { Fault, TraceDestination } from './targets.js';

/** What DNS answers for a Service without a ClusterIP: the first address of its endpoints. */
export function addressOfName(
  service: string,
  port: string,
  protocol = 'tcp',
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
  const found = slices.flatMap((slice) => targetIn(slice, port, protocol) ?? []);
  if (found[0] !== undefined) return found[0];
  return {
    fault: `Service ${service} has no ClusterIP, and no ready endpoint with port ${port}`,
    hint: `vipc explain ${service} says why`,
  };
}

/** The first ready endpoint of a slice, at a port by number or by name. */
function targetIn(
  { addressType, endpoints, ports }: EndpointSlice,
  port: string,
  protocol: string,
): TraceDestination | undefined {
  const ready = endpoints.find(({ conditions }) => conditions?.ready !== false);
  const ip = addressType === 'FQDN' ? undefined : parseIp(ready?.addresses[0] ?? '');
  const named = (ports ?? []).find(
    (one) => one.name === port && (one.protocol ?? 'TCP').toLowerCase() === protocol,
  );
  const number = /^\d+$/.test(port) ? Number(port) : (named?.port ?? 0);
  return ip !== undefined && number > 0 && number <= 65535
    ? { ip, port: number, protocol }
    : undefined;
}
