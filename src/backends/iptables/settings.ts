/** The part of a KubeProxyConfiguration that mode iptables reads, with its defaults. */

import type { ProxyConfig } from '../../config/types.js';
import type { BackendSettings } from '../../model/settings.js';

/**
 * Section `iptables` of the configuration; no nodePortAddresses means every address of the node.
 */
export function settings(config: ProxyConfig): BackendSettings {
  return { ...config.iptables, nodePortAddresses: config.nodePortAddresses };
}
