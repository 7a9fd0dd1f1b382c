/** kube-proxy's layout for mode nftables, compatible with `kube-proxy --proxy-mode=nftables`. */

import { builtinTemplates } from '../../../templates.js';
import { type NftablesLayout, SYNTAX } from '../layout.js';
import { frameView } from './frame-view.js';
import { portView } from './view.js';

export const kubeProxy: NftablesLayout = {
  backend: 'nftables',
  name: 'kube-proxy',
  custom: false,
  templates: builtinTemplates('nftables/kube-proxy'),
  frameView,
  portView,
  portContext: ['family', 'nodeIp', 'localDetector', 'masqueradeMark'],
  syntax: SYNTAX,
  dispatchers: [
    'service-ips',
    'service-nodeports',
    'no-endpoint-services',
    'no-endpoint-nodeports',
  ],
  poolOf: (chain) => {
    if (chain.startsWith('service-')) return 'cluster';
    return chain.startsWith('local-') ? 'local' : undefined;
  },
};
