/** All layouts of mode iptables. */

import { readTemplates } from '../../templates.js';
import { kubeProxy } from './kube-proxy/layout.js';
import type { IptablesLayout } from './layout.js';

/** Those that ship with vipc, the default one first. */
export const LAYOUTS: readonly [IptablesLayout, ...IptablesLayout[]] = [kubeProxy];

/** kube-proxy's layout with the templates of a user's folder. Throws TemplateError. */
export function customLayout(directory: string): IptablesLayout {
  return { ...kubeProxy, name: directory, custom: true, templates: readTemplates(directory) };
}
