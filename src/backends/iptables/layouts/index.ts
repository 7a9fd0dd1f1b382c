/** All layouts of mode iptables. */

import { fast } from './fast/layout.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { IptablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [IptablesLayout, ...IptablesLayout[]] = [kubeProxy, fast];
