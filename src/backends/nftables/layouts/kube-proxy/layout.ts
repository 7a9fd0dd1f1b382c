/** kube-proxy's layout for mode nftables, compatible with `kube-proxy --proxy-mode=nftables`. */

import { builtinTemplates } from '../../../templates.js';
import { type NftablesLayout, SYNTAX, type UnitRole } from '../layout.js';
import { frameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { portView } from './view.js';

export const kubeProxy: NftablesLayout = {
  backend: 'nftables',
  name: 'kube-proxy',
  custom: false,
  templates: builtinTemplates('nftables/kube-proxy', precompiled),
  frameView,
  portView,
  portContext: ['family', 'nodeIp', 'localDetector', 'masqueradeMark'],
  syntax: SYNTAX,
  roleOf,
  poolOf: (_, label) => {
    if (roleOf(label) !== 'pool') return undefined;
    return label.startsWith('service-') ? 'cluster' : 'local';
  },
};

const NODE_ROLES: ReadonlyMap<string, UnitRole> = new Map<string, UnitRole>([
  ['', 'table'],
  ...[
    'filter-prerouting-pre-dnat',
    'filter-output-pre-dnat',
    'filter-input',
    'filter-forward',
    'filter-output',
    'nat-prerouting',
    'nat-output',
    'nat-postrouting',
  ].map((name): [string, UnitRole] => [name, 'base']),
  ...['nodeport-endpoints-check', 'service-endpoints-check', 'firewall-check', 'services'].map(
    (name): [string, UnitRole] => [name, 'dispatch'],
  ),
  ['masquerading', 'masquerade'],
  ['cluster-ips-check', 'check'],
  ['reject-chain', 'reject'],
  ...[
    '@hairpin-connections',
    '@cluster-ips',
    '@nodeport-ips',
    '@no-endpoint-services',
    '@no-endpoint-nodeports',
    '@firewall-ips',
    '@service-ips',
    '@service-nodeports',
  ].map((name): [string, UnitRole] => [name, 'set']),
]);

const SERVICE_ROLES: Readonly<Record<string, UnitRole>> = {
  service: 'pool',
  local: 'pool',
  external: 'external',
  firewall: 'firewall',
  endpoint: 'endpoint',
  '@affinity': 'set',
};

/** Chains of Services are told by the word before the hash, as {@link ./names.ts} has it. */
function roleOf(label: string): UnitRole | undefined {
  const [, word = ''] = /^(@?[a-z]+)-[A-Z2-7]{8}-/.exec(label) ?? [];
  return Object.hasOwn(SERVICE_ROLES, word) ? SERVICE_ROLES[word] : NODE_ROLES.get(label);
}
