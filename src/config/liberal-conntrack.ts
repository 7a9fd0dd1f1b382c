/** Whether connection tracking takes packets outside of the window of their connection. */

import type { HostFacts, ProxyConfig } from './types.js';

/** Not 0 where it is, whichever program has set it. */
export const LIBERAL_SYSCTL = 'net.netfilter.nf_conntrack_tcp_be_liberal';

/**
 * As kube-proxy from 1.29 on: by its configuration, or because the machine is so when it starts.
 */
export function isLiberal(
  { tcpBeLiberal }: Pick<ProxyConfig, 'tcpBeLiberal'>,
  host: Pick<HostFacts, 'sysctls'> | undefined,
): boolean {
  return tcpBeLiberal || Number(host?.sysctls?.[LIBERAL_SYSCTL] ?? 0) !== 0;
}
