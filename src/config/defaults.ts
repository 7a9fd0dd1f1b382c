/** kube-proxy's defaults for what its configuration file leaves out. */

import { type Ip, parseIp } from '../net/ip.js';
import { DEFAULT_PROFILE } from '../profiles/profiles.js';
import type { ProxyConfig } from './types.js';

function literalIp(text: string): Ip {
  const ip = parseIp(text);
  if (ip === undefined) throw new RangeError(`${text} is not an IP address`);
  return ip;
}

/**
 * The configuration of a kube-proxy 1.36 that was given an empty KubeProxyConfiguration on Linux.
 */
export const defaultConfig: ProxyConfig = {
  mode: '',
  layout: 'kube-proxy',
  hostnameOverride: '',
  bindAddress: literalIp('0.0.0.0'),
  clusterCidrs: [],
  detectLocalMode: 'ClusterCIDR',
  bridgeInterface: '',
  interfaceNamePrefix: '',
  nodePortAddresses: [],
  iptables: { masqueradeBit: 14, masqueradeAll: false, localhostNodePorts: true },
  nftables: { masqueradeBit: 14, masqueradeAll: false },
  tcpBeLiberal: false,
  profile: DEFAULT_PROFILE,
  allowServiceExternalIps: true,
};

/** The same fields, any of them perhaps absent, and with other values than these. */
type Given<T> = { readonly [K in keyof T]?: Widened<T[K]> | undefined };
type Widened<V> = V extends string ? string : V extends number ? number : V;

/** The fields of the defaults as they were given; the default where one is absent. */
export function orWhereAbsent<T extends object>(defaults: T, given: Given<T> = {}): Filled<T> {
  return filled(defaults, given, (value) => value === undefined);
}

/** The same, but a zero or empty value counts as absent, as in Go where a field is no pointer. */
export function orWhereZero<T extends object>(defaults: T, given: Given<T> = {}): Filled<T> {
  return filled(defaults, given, (value) => !value);
}

type Filled<T> = { readonly [K in keyof T]: Widened<T[K]> };

function filled<T extends object>(
  defaults: T,
  given: Given<T>,
  isAbsent: (value: unknown) => boolean,
): Filled<T> {
  const names = Object.keys(defaults) as (keyof T)[];
  const values = names.map((name) => [name, isAbsent(given[name]) ? defaults[name] : given[name]]);
  return Object.fromEntries(values) as Filled<T>;
}
