/** All layouts of mode iptables. */

import type { Templates } from '../../templates.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { IptablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [IptablesLayout, ...IptablesLayout[]] = [kubeProxy];

/** kube-proxy's layout with a user's templates, which errors call `name`. */
export function customLayout(name: string, templates: Templates): IptablesLayout {
  return { ...kubeProxy, name, custom: true, templates };
}
