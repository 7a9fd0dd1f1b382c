/** What kube-proxy assumes about everything that its configuration file leaves out. */

import { type Ip, parseIp } from '../net/ip.js';
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
  allowServiceExternalIps: true,
};
