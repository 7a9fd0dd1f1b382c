/** kube-proxy's layout for mode nftables, compatible with `kube-proxy --proxy-mode=nftables`. */

import { UsageError } from '../../../../errors.js';
import type { UnitName } from '../../../../plan/unit.js';
import type { Profile } from '../../../../profiles/types.js';
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
  ofProfile,
  poolOf: (unit) => {
    if (roleOf(unit) !== 'pool') return undefined;
    return unit.name.startsWith('service-') ? 'cluster' : 'local';
  },
};

function ofProfile({ name, nftables }: Profile): NftablesLayout {
  if (typeof nftables === 'string')
    throw new UsageError(`profile ${name} has no mode nftables: ${nftables}`);
  return kubeProxy;
}

const NODE_CHAINS: ReadonlyMap<string, UnitRole> = new Map<string, UnitRole>([
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
]);

const NODE_SETS: ReadonlySet<string> = new Set([
  'hairpin-connections',
  'cluster-ips',
  'nodeport-ips',
  'no-endpoint-services',
  'no-endpoint-nodeports',
  'firewall-ips',
  'service-ips',
  'service-nodeports',
]);

const SERVICE_CHAINS: Readonly<Record<string, UnitRole>> = {
  service: 'pool',
  local: 'pool',
  external: 'external',
  firewall: 'firewall',
  endpoint: 'endpoint',
};

/** Units of Services are recognised by the word before the hash, as {@link ./names.ts} has it. */
function roleOf({ kind, name }: UnitName): UnitRole | undefined {
  const [, word = ''] = /^([a-z]+)-[A-Z2-7]{8}-/.exec(name) ?? [];
  switch (kind) {
    case 'table':
      return 'table';
    case 'chain':
      return Object.hasOwn(SERVICE_CHAINS, word) ? SERVICE_CHAINS[word] : NODE_CHAINS.get(name);
    case 'set':
      return word === 'affinity' || NODE_SETS.has(name) ? 'set' : undefined;
    default:
      return undefined;
  }
}
