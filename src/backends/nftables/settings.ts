/** The part of a KubeProxyConfiguration that mode nftables reads, with its defaults. */

import type { ProxyConfig } from '../../config/types.js';
import type { BackendSettings } from '../../model/settings.js';

/**
 * Section `nftables` of the configuration. Without nodePortAddresses node ports answer on the
 * primary address of each family alone, and never on loopback (KEP-3866).
 */
export function settings(config: ProxyConfig): BackendSettings {
  const listed = config.nodePortAddresses;
  return {
    ...config.nftables,
    localhostNodePorts: false,
    nodePortAddresses: listed.length === 0 ? 'primary-or-all' : listed,
  };
}
