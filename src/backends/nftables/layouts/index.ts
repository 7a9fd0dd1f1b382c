/** All layouts of mode nftables. */

import type { Templates } from '../../templates.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { NftablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [NftablesLayout, ...NftablesLayout[]] = [kubeProxy];

/** kube-proxy's layout with a user's templates, which errors call `name`. */
export function customLayout(name: string, templates: Templates): NftablesLayout {
  return { ...kubeProxy, name, custom: true, templates };
}
