/** In which ways two profiles differ, field by field, in words. */

import type { ProfileIptables, ProfileNftables, ProfilePolicy } from './types.js';

/** The Service ports that a difference concerns, where its rules do not say. */
export type KindScope =
  /** Those that send local pods to endpoints on other nodes, and do not masquerade that anyway. */
  | 'remote-endpoints'
  /** Those with an external address and policy Local that have endpoints, and none here. */
  | 'local-elsewhere'
  /** Those without endpoints whose load balancer not everybody may use. */
  | 'ranges-without-endpoints'
  /** Those with an endpoint whose address slices spell in two ways. */
  | 'spelled-twice'
  /** Those with a node port that is rejected on loopback addresses. */
  | 'refused-on-loopback';

/** One way in which the rules of two profiles differ. */
export interface ProfileKind {
  readonly name: string;
  /** What the one does, and what the other. */
  readonly there: string;
  readonly here: string;
  readonly changesPackets: boolean;
  readonly scope?: KindScope;
}

/** What the values of one field mean. */
export interface FieldKind extends Omit<ProfileKind, 'there' | 'here'> {
  readonly words: Readonly<Record<string, string>>;
}

export type FieldKinds<T> = { readonly [K in keyof T]: readonly FieldKind[] };

const PACKETS = { changesPackets: true } as const;
const NO_PACKETS = { changesPackets: false } as const;

/**
 * Fields before `layout` show in layout `chains` alone, `single` and `localhostNodePorts` behind it
 * in layout `inline` alone: this is the order of a way from the one to the other.
 */
export const NFTABLES_KINDS: FieldKinds<ProfileNftables> = {
  baseChains: [
    {
      name: 'base chains',
      ...NO_PACKETS,
      words: { early: 'all before DNAT', split: 'before and after DNAT' },
    },
    {
      name: 'policy Local without an endpoint here',
      ...PACKETS,
      scope: 'local-elsewhere',
      words: {
        early: 'packets of this node and its pods are dropped',
        split: 'packets of this node and its pods go to other nodes',
      },
    },
    {
      name: 'a load balancer with source ranges and without endpoints',
      ...PACKETS,
      scope: 'ranges-without-endpoints',
      words: {
        early: 'packets of this node are refused',
        split: 'packets of this node from other sources are dropped',
      },
    },
  ],
  masqueradePort: [
    {
      name: 'masquerading of ClusterIPs',
      ...NO_PACKETS,
      words: { true: 'matches the port too', false: 'matches the address alone' },
    },
  ],
  interfaceMatch: [
    {
      name: 'interfaces',
      ...NO_PACKETS,
      words: { iif: 'by number (iif)', iifname: 'by name (iifname)' },
    },
  ],
  layout: [
    {
      name: 'masquerading',
      ...NO_PACKETS,
      words: { chains: 'jumps to chain mark-for-masquerade', inline: 'a mark in each rule' },
    },
    {
      name: 'endpoints',
      ...NO_PACKETS,
      words: { chains: 'a chain for each', inline: 'a map, and chains under session affinity' },
    },
    {
      name: 'hairpins',
      ...PACKETS,
      scope: 'remote-endpoints',
      words: {
        chains: 'masqueraded to every endpoint',
        inline: 'masqueraded to endpoints of this node alone',
      },
    },
  ],
  unallocatedDrop: [
    {
      name: 'unallocated ClusterIPs',
      ...PACKETS,
      words: { true: 'packets are dropped', false: 'packets are let through' },
    },
  ],
  single: [
    {
      name: 'a single endpoint',
      ...NO_PACKETS,
      words: { map: 'a map with one entry', plain: 'dnat to its address' },
    },
  ],
  longComment: [
    {
      name: 'long comments',
      ...NO_PACKETS,
      words: { dots: 'end with dots', cut: 'are cut' },
    },
  ],
  localhostNodePorts: [
    {
      name: 'chains for loopback addresses',
      ...NO_PACKETS,
      words: { true: 'there, with counters', false: 'none' },
    },
    {
      name: 'node ports on loopback addresses',
      ...PACKETS,
      scope: 'refused-on-loopback',
      words: {
        true: 'rejected and counted, but for TCP that kube-proxy serves',
        false: 'left to the programs of the machine',
      },
    },
  ],
};

export const IPTABLES_KINDS: FieldKinds<ProfileIptables> = {
  nfacct: [
    {
      name: 'counters (nfacct)',
      ...NO_PACKETS,
      words: { true: 'INVALID packets and localhost node ports are counted', false: 'none' },
    },
  ],
  dropInvalid: [
    {
      name: 'INVALID packets',
      ...PACKETS,
      words: {
        always: 'always dropped',
        'unless-liberal': 'let through where conntrack is liberal',
      },
    },
  ],
};

export const POLICY_KINDS: FieldKinds<ProfilePolicy> = {
  zoneHints: [
    {
      name: 'zone hints',
      ...PACKETS,
      words: { always: 'followed', annotated: 'followed with an annotation alone' },
    },
  ],
  nodeHints: [{ name: 'node hints', ...PACKETS, words: { true: 'followed', false: 'not read' } }],
  proxyIpMode: [
    {
      name: 'addresses with ipMode Proxy',
      ...PACKETS,
      words: { 'left-out': 'left to the load balancer', programmed: 'answered here' },
    },
  ],
  zeroRange: [
    {
      // A range like others lets everybody in too.
      name: '/0 in loadBalancerSourceRanges',
      ...NO_PACKETS,
      words: { open: 'no rules', range: 'rules as for other ranges' },
    },
  ],
  duplicates: [
    {
      name: 'endpoints that stand in two slices',
      ...PACKETS,
      words: {
        'not-terminating': 'one that is not terminating counts',
        local: 'a local one counts',
      },
    },
  ],
  addressText: [
    {
      name: 'addresses of endpoints that are not canonical',
      ...NO_PACKETS,
      words: { canonical: 'named as they are printed', 'as-written': 'named as slices spell them' },
    },
    {
      name: 'an endpoint whose address is spelled in two ways',
      ...PACKETS,
      scope: 'spelled-twice',
      words: { canonical: 'counts once', 'as-written': 'counts twice' },
    },
  ],
  externalIpsGate: [
    {
      name: 'gate AllowServiceExternalIPs',
      ...PACKETS,
      words: { true: 'known', false: 'not known' },
    },
  ],
  labels: [
    {
      name: 'labels headless and service-proxy-name',
      ...PACKETS,
      words: { own: 'each for its kind of object', either: 'either for both kinds' },
    },
  ],
};
