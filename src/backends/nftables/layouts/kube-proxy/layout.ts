/** kube-proxy's layout for mode nftables, compatible with `kube-proxy --proxy-mode=nftables`. */

import { UsageError } from '../../../../errors.js';
import type { UnitName } from '../../../../plan/unit.js';
import { DEFAULT_PROFILE } from '../../../../profiles/profiles.js';
import type { Profile, ProfileNftables } from '../../../../profiles/types.js';
import { PROTOCOL_WORDS } from '../../../port-view.js';
import { builtinTemplates } from '../../../templates.js';
import * as precompiledChains from '../kube-proxy-chains/precompiled.js';
import * as older from '../kube-proxy-chains/views.js';
import { type NftablesLayout, SYNTAX, type UnitRole } from '../layout.js';
import { frameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { portView } from './view.js';

/** The rules of 1.36. */
const CURRENT = DEFAULT_PROFILE.nftables as ProfileNftables;
const CHAIN_TEMPLATES = builtinTemplates(precompiledChains);

export const kubeProxy: NftablesLayout = {
  backend: 'nftables',
  name: 'kube-proxy',
  custom: false,
  templates: builtinTemplates(precompiled),
  frameView: (context) => frameView(context, CURRENT),
  portView: (port, context) => portView(port, context, CURRENT),
  portContext: ['family', 'nodeIp', 'localDetector', 'masqueradeMark', 'loopbackListed'],
  syntax: SYNTAX,
  roleOf,
  ofProfile,
  poolOf: (unit) => {
    if (roleOf(unit) !== 'pool') return undefined;
    return unit.name.startsWith('service-') ? 'cluster' : 'local';
  },
};

/** Layouts by what a profile says, so that one profile has one layout. */
const layouts = new WeakMap<ProfileNftables, NftablesLayout>([[CURRENT, kubeProxy]]);

function ofProfile({ name, nftables }: Profile): NftablesLayout {
  if (typeof nftables === 'string')
    throw new UsageError(`profile ${name} has no mode nftables: ${nftables}`);
  const layout = layouts.get(nftables) ?? withRules(nftables);
  layouts.set(nftables, layout);
  return layout;
}

function withRules(rules: ProfileNftables): NftablesLayout {
  if (rules.layout === 'inline')
    return {
      ...kubeProxy,
      frameView: (context) => frameView(context, rules),
      portView: (port, context) => portView(port, context, rules),
    };
  return {
    ...kubeProxy,
    templates: CHAIN_TEMPLATES,
    frameView: (context) => older.frameView(context, rules),
    portView: (port, context) => older.portView(port, context, rules),
    portContext: [...kubeProxy.portContext, 'masqueradeAll'],
  };
}

/** Protocols with node ports that may be rejected on loopback addresses. */
const REJECTED = Object.values(PROTOCOL_WORDS);

const NODE_CHAINS: ReadonlyMap<string, UnitRole> = new Map<string, UnitRole>([
  ...[
    'filter-prerouting-pre-dnat',
    'filter-prerouting',
    'filter-output-post-dnat',
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
  ['mark-for-masquerade', 'mark'],
  ['cluster-ips-check', 'check'],
  ...['reject-chain', ...REJECTED.map((proto) => `localhost-nodeport-reject-${proto}`)].map(
    (name): [string, UnitRole] => [name, 'reject'],
  ),
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
  'localhost-nodeport-reject-ports',
]);

const COUNTERS: ReadonlySet<string> = new Set(
  REJECTED.map((proto) => `localhost-nodeport-rejected-${proto}`),
);

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
    case 'counter':
      return COUNTERS.has(name) ? 'counter' : undefined;
    default:
      return undefined;
  }
}
