/** Destinations that words name, and Pods by name. */

import { nearestName } from '../nearest-name.js';
import { type Family, familyOf, type Ip } from '../net/ip.js';

/** A destination: an address and a port. */
export interface TraceDestination {
  readonly ip: Ip;
  readonly port: number;
  readonly protocol: string;
}

/** What is wrong with a text, and what would be right. */
export interface Fault {
  readonly fault: string;
  readonly hint: string;
}

/** The addresses of Pods by `namespace/name`. */
export type Pods = ReadonlyMap<string, readonly Ip[]>;

/** Those of Services. */
export const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

export function noProtocol(protocol: string): Fault {
  return {
    fault: `${JSON.stringify(protocol)} is not a protocol of a Service`,
    hint: `write ${PROTOCOLS.join(', ')} or nothing, for tcp`,
  };
}

/** A destination of these parts; `undefined` where the address or the port is not valid. */
export function checkedTarget(
  ip: Ip | undefined,
  digits: string | undefined,
  protocol = 'tcp',
): TraceDestination | Fault | undefined {
  const port = Number(digits);
  if (ip === undefined || port > 65535) return undefined;
  return PROTOCOLS.includes(protocol) ? { ip, port, protocol } : noProtocol(protocol);
}

/** `pod:shop/web-1:8080`. */
const POD =
  /^pod:(?<name>(?:[a-z0-9-]+\/)?[a-z0-9.-]+):(?<port>\d{1,5})(?:\/(?<protocol>[a-z]+))?$/;

/** The destination that names a Pod and a port; `undefined` for any other text. */
export function podTarget(text: string, pods: Pods): TraceDestination | Fault | undefined {
  const pod = POD.exec(text)?.groups;
  if (pod === undefined) return undefined;
  const found = podNamed(pod.name ?? '', pods, undefined);
  return 'fault' in found ? found : checkedTarget(found.ip, pod.port, pod.protocol);
}

/** The address of a Pod, of the given family, or else its first. */
export function podNamed(
  text: string,
  pods: Pods,
  family: Family | undefined,
): { readonly ip: Ip } | Fault {
  const name = text.includes('/') ? text : `default/${text}`;
  const ips = pods.get(name) ?? [];
  const ip = family === undefined ? ips[0] : ips.find((one) => familyOf(one) === family);
  if (ip !== undefined) return { ip };
  if (ips.length > 0)
    return { fault: `Pod ${name} has no ${family} address`, hint: `it has ${ips.join(', ')}` };
  const near = nearestName(name, [...pods.keys()]);
  return {
    fault: `no Pod ${name} with an address in the input`,
    hint:
      near === undefined
        ? 'give the objects with -f, with Pods or with EndpointSlices that name them'
        : `did you mean pod:${near}?`,
  };
}
