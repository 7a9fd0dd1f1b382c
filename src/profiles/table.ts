/**
 * One row per range of versions that differ in nothing. The only place with versions: all other
 * code reads fields of a profile.
 */

import type {
  Profile,
  ProfileChange,
  ProfileConfig,
  ProfileGates,
  ProfileNftables,
  ProfilePolicy,
} from './types.js';

/** kube-proxy 1.36, and as far as is known 1.37 and 1.38. */
const POLICY_1_36: ProfilePolicy = {
  zoneHints: 'always',
  nodeHints: true,
  proxyIpMode: 'left-out',
  zeroRange: 'open',
  duplicates: 'not-terminating',
  addressText: 'canonical',
  externalIpsGate: true,
  labels: 'own',
};

const POLICY_1_34: ProfilePolicy = {
  ...POLICY_1_36,
  duplicates: 'local',
  externalIpsGate: false,
  labels: 'either',
};

const POLICY_1_31: ProfilePolicy = { ...POLICY_1_34, nodeHints: false, zeroRange: 'range' };
const POLICY_1_30: ProfilePolicy = {
  ...POLICY_1_31,
  zoneHints: 'annotated',
  addressText: 'as-written',
};
const POLICY_1_28: ProfilePolicy = { ...POLICY_1_30, proxyIpMode: 'programmed' };

const ALPHA =
  'mode nftables is alpha in kube-proxy 1.29 and 1.30, and its rules are not those of later versions; vipc does not write them';

/** What a gate sets, on or off. */
function gate(name: string, set: (on: boolean) => ProfileChange): ProfileGates {
  return { [name]: { on: set(true), off: set(false) } };
}

const UNALLOCATED_GATE = gate('MultiCIDRServiceAllocator', (unallocatedDrop) => ({
  nftables: { unallocatedDrop },
}));
const NODE_HINTS_GATE = gate('PreferSameTrafficDistribution', (nodeHints) => ({
  policy: { nodeHints },
}));
/** KEP-6032. */
const LOCALHOST_GATE = gate('KubeProxyNFTablesLocalhostNodePorts', (localhostNodePorts) => ({
  nftables: { localhostNodePorts },
}));

const NFTABLES_1_36: ProfileNftables = {
  layout: 'inline',
  baseChains: 'split',
  masqueradePort: false,
  interfaceMatch: 'iifname',
  unallocatedDrop: true,
  single: 'map',
  longComment: 'dots',
  localhostNodePorts: false,
};

const NFTABLES_1_34: ProfileNftables = { ...NFTABLES_1_36, layout: 'chains' };
const NFTABLES_1_37: ProfileNftables = { ...NFTABLES_1_36, single: 'plain', longComment: 'cut' };
const NFTABLES_1_31: ProfileNftables = {
  ...NFTABLES_1_34,
  baseChains: 'early',
  masqueradePort: true,
  interfaceMatch: 'iif',
  unallocatedDrop: false,
};

const CONFIG_1_28: ProfileConfig = {
  nodePortKeywords: 'none',
  conntrackCap: Number.POSITIVE_INFINITY,
  conntrackWrites: 'raising',
  conntrackUdp: false,
  warnsOfUnsetMode: false,
};
const CONFIG_1_29: ProfileConfig = {
  ...CONFIG_1_28,
  conntrackWrites: 'differing',
  conntrackUdp: true,
};
const CONFIG_1_31: ProfileConfig = { ...CONFIG_1_29, nodePortKeywords: 'primary' };
const CONFIG_1_36: ProfileConfig = { ...CONFIG_1_31, conntrackCap: 1_048_576 };
const CONFIG_1_37: ProfileConfig = {
  ...CONFIG_1_36,
  nodePortKeywords: 'all',
  warnsOfUnsetMode: true,
};
const CONFIG_1_38: ProfileConfig = { ...CONFIG_1_37, conntrackWrites: 'but-lower-limit' };

const IPTABLES = { nfacct: true, dropInvalid: 'unless-liberal' } as const;
const IPTABLES_1_29 = { nfacct: false, dropInvalid: 'unless-liberal' } as const;

/** In the order of their versions. */
export const PROFILES: readonly [Profile, ...Profile[]] = [
  {
    name: '1.28',
    from: [28, 0],
    patch: 3,
    config: CONFIG_1_28,
    policy: POLICY_1_28,
    iptables: { nfacct: false, dropInvalid: 'always' },
    nftables: 'it came with kube-proxy 1.29',
    gates: {},
  },
  {
    name: '1.29',
    from: [29, 0],
    patch: 1,
    config: CONFIG_1_29,
    policy: POLICY_1_28,
    iptables: IPTABLES_1_29,
    nftables: ALPHA,
    gates: gate('LoadBalancerIPMode', (on) => ({
      policy: { proxyIpMode: on ? 'left-out' : 'programmed' },
    })),
  },
  {
    name: '1.30',
    from: [30, 0],
    patch: 3,
    config: CONFIG_1_29,
    policy: POLICY_1_30,
    iptables: IPTABLES_1_29,
    nftables: ALPHA,
    gates: gate('ServiceTrafficDistribution', (on) => ({
      policy: { zoneHints: on ? 'always' : 'annotated' },
    })),
  },
  {
    name: '1.31',
    from: [31, 0],
    patch: 14,
    config: CONFIG_1_31,
    policy: POLICY_1_31,
    iptables: IPTABLES,
    nftables: NFTABLES_1_31,
    gates: UNALLOCATED_GATE,
  },
  {
    name: '1.32',
    from: [32, 0],
    patch: 13,
    config: CONFIG_1_31,
    policy: POLICY_1_31,
    iptables: IPTABLES,
    nftables: NFTABLES_1_31,
    gates: UNALLOCATED_GATE,
  },
  {
    name: '1.33.0 to 1.33.5',
    from: [33, 0],
    patch: 5,
    config: CONFIG_1_31,
    policy: POLICY_1_31,
    iptables: IPTABLES,
    nftables: { ...NFTABLES_1_31, unallocatedDrop: true },
    gates: NODE_HINTS_GATE,
  },
  {
    name: '1.33.6+',
    from: [33, 6],
    patch: 13,
    config: CONFIG_1_31,
    policy: POLICY_1_31,
    iptables: IPTABLES,
    nftables: { ...NFTABLES_1_34, masqueradePort: true },
    gates: NODE_HINTS_GATE,
  },
  {
    name: '1.34.0 to 1.34.1',
    from: [34, 0],
    patch: 1,
    config: CONFIG_1_31,
    policy: POLICY_1_34,
    iptables: IPTABLES,
    nftables: { ...NFTABLES_1_34, interfaceMatch: 'iif' },
    gates: NODE_HINTS_GATE,
  },
  {
    name: '1.34.2+',
    from: [34, 2],
    patch: 9,
    config: CONFIG_1_31,
    policy: POLICY_1_34,
    iptables: IPTABLES,
    nftables: NFTABLES_1_34,
    gates: NODE_HINTS_GATE,
  },
  {
    name: '1.35',
    from: [35, 0],
    patch: 6,
    config: CONFIG_1_31,
    policy: POLICY_1_34,
    iptables: IPTABLES,
    nftables: NFTABLES_1_34,
    gates: {},
  },
  {
    name: '1.36',
    from: [36, 0],
    patch: 2,
    config: CONFIG_1_36,
    policy: POLICY_1_36,
    iptables: IPTABLES,
    nftables: NFTABLES_1_36,
    gates: {},
  },
  {
    name: '1.37',
    from: [37, 0],
    patch: 0,
    config: CONFIG_1_37,
    policy: POLICY_1_36,
    iptables: IPTABLES,
    nftables: NFTABLES_1_37,
    gates: LOCALHOST_GATE,
  },
  {
    name: '1.38',
    from: [38, 0],
    patch: 0,
    config: CONFIG_1_38,
    policy: POLICY_1_36,
    iptables: IPTABLES,
    nftables: { ...NFTABLES_1_37, localhostNodePorts: true },
    gates: LOCALHOST_GATE,
  },
];
