/** kube-proxy's layout for mode iptables, compatible with `kube-proxy --proxy-mode=iptables`. */

import { builtinTemplates } from '../../../templates.js';
import { type ChainRole, type IptablesLayout, SYNTAX } from '../layout.js';
import { writer } from '../written.js';
import { frameView } from './frame-view.js';
import * as precompiled from './precompiled.js';
import { portView } from './view.js';

export const kubeProxy: IptablesLayout = {
  backend: 'iptables',
  name: 'kube-proxy',
  custom: false,
  templates: builtinTemplates(precompiled),
  frameView,
  portView,
  portContext: [
    'family',
    'nodeIp',
    'localDetector',
    'masqueradeAll',
    'localhostNodePorts',
    'nfacct',
    'large',
  ],
  syntax: SYNTAX,
  roleOf,
  partialRules: new Set([
    'filter -A INPUT -j KUBE-FIREWALL',
    'filter -A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    'filter -A INPUT -j KUBE-NODEPORTS',
    'filter -A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES',
    'filter -A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    'filter -A FORWARD -j KUBE-FORWARD',
    'filter -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES',
    'filter -A FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES',
    'filter -A OUTPUT -j KUBE-FIREWALL',
    'filter -A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL',
    'filter -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES',
    // kubelet has the same rule.
    'filter -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    'nat -A PREROUTING -j KUBE-SERVICES',
    'nat -A OUTPUT -j KUBE-SERVICES',
    'nat -A POSTROUTING -j KUBE-POSTROUTING',
  ]),
  writes: writer(
    {
      'nat SVC': 'SEP KUBE-MARK-MASQ',
      'nat SVL': 'SEP KUBE-MARK-MASQ',
      'nat SEP': 'KUBE-MARK-MASQ dnat',
      'nat EXT': 'SVC SVL KUBE-MARK-MASQ',
      'nat FW': 'EXT nothing',
      'nat KUBE-SERVICES': 'SVC SVL EXT FW KUBE-NODEPORTS',
      'nat KUBE-NODEPORTS': 'EXT',
      'nat KUBE-MARK-MASQ': 'set-mark',
      'nat KUBE-POSTROUTING': 'return set-mark masquerade',
      'filter KUBE-FORWARD': 'accept drop',
      'filter KUBE-SERVICES': 'reject drop',
      'filter KUBE-EXTERNAL-SERVICES': 'reject drop',
      'filter KUBE-PROXY-FIREWALL': 'drop',
      'filter KUBE-NODEPORTS': 'accept',
    },
    roleOf,
  ),
  dispatches: (table, chain) => DISPATCHERS.has(`${table} ${chain}`),
  poolOf: ({ table, name }) => {
    if (table !== 'nat') return undefined;
    if (name.startsWith('KUBE-SVC-')) return 'cluster';
    return name.startsWith('KUBE-SVL-') ? 'local' : undefined;
  },
};

const DISPATCHERS: ReadonlySet<string> = new Set([
  'nat KUBE-SERVICES',
  'nat KUBE-NODEPORTS',
  'filter KUBE-SERVICES',
  'filter KUBE-EXTERNAL-SERVICES',
]);

const SERVICE_CHAIN = /^KUBE-(SVC|SVL|SEP|EXT|FW)-[A-Z2-7]{16}$/;

const ROLES: Readonly<Record<string, Readonly<Record<string, ChainRole>>>> = {
  mangle: { 'KUBE-PROXY-CANARY': 'frame' },
  filter: {
    'KUBE-PROXY-CANARY': 'frame',
    'KUBE-FORWARD': 'frame',
    'KUBE-SERVICES': 'shared',
    'KUBE-EXTERNAL-SERVICES': 'shared',
    'KUBE-NODEPORTS': 'shared',
    'KUBE-PROXY-FIREWALL': 'shared',
    'KUBE-FIREWALL': 'partial',
  },
  nat: {
    'KUBE-PROXY-CANARY': 'frame',
    'KUBE-MARK-MASQ': 'frame',
    'KUBE-POSTROUTING': 'frame',
    'KUBE-SERVICES': 'shared',
    'KUBE-NODEPORTS': 'shared',
  },
};

/**
 * Ours are exact names and the hashed names of kube-proxy's scheme, never `KUBE-*`: kube-router's
 * and kubelet's chains are foreign (KEP-3178).
 */
function roleOf(table: string, chain: string): ChainRole {
  // Nearly all chains of a node are these, and a name cut out of a line is slow to look up.
  if (table === 'nat' && SERVICE_CHAIN.test(chain)) return 'service';
  const roles = Object.hasOwn(ROLES, table) ? ROLES[table] : undefined;
  return roles !== undefined && Object.hasOwn(roles, chain)
    ? (roles[chain] ?? 'foreign')
    : 'foreign';
}
