/** All layouts of mode nftables. */

import { readTemplates } from '../../templates.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { NftablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [NftablesLayout, ...NftablesLayout[]] = [kubeProxy];

/** kube-proxy's layout with the templates of a user's folder. Throws TemplateError. */
export function customLayout(directory: string): NftablesLayout {
  return { ...kubeProxy, name: directory, custom: true, templates: readTemplates(directory) };
}
