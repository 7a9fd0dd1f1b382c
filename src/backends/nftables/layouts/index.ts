/** All layouts of mode nftables. */

import { fast } from './fast/layout.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { NftablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [NftablesLayout, ...NftablesLayout[]] = [kubeProxy, fast];
