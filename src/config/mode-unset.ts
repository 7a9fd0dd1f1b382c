/** What is said of a configuration that names no mode (KEP-5343). */

import type { Diagnostic } from '../diagnostics.js';
import type { ProxyConfig } from './types.js';

/** What the field `mode` is then. */
export const NO_MODE = 'is not set: iptables today, nftables from Kubernetes 1.40 on';

/** The warning of kube-proxy 1.37 and newer, where that is followed. */
export function modeUnset({
  mode,
  profile,
}: Pick<ProxyConfig, 'mode' | 'profile'>): readonly Diagnostic[] {
  if (mode !== '' || !profile.config.warnsOfUnsetMode) return [];
  return [
    {
      code: 'mode-unset',
      severity: 'warning',
      message: `mode ${NO_MODE}`,
      hint: 'set mode to iptables or nftables',
    },
  ];
}
