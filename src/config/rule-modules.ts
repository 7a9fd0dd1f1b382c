/** The modules of the kernel without which rules cannot be loaded. */

import type { LayoutName } from './types.js';

/** The modules that a layout of mode iptables needs besides those of its mode. */
export const LAYOUT_MODULES: Readonly<Record<LayoutName, readonly string[]>> = {
  'kube-proxy': [],
  fast: ['xt_bpf'],
};

/** Where a module has had two names, both are given: `nft_masq|nft_masq_ipv4`. */
export const RULE_MODULES: Readonly<Record<'iptables' | 'nftables', readonly string[]>> = {
  iptables: [
    'nf_conntrack',
    'nf_nat|nf_nat_ipv4',
    'xt_comment',
    'xt_conntrack',
    'xt_mark',
    'xt_MASQUERADE|ipt_MASQUERADE',
    'xt_nat',
    'xt_statistic',
    'xt_recent',
    'xt_addrtype',
    'xt_tcpudp',
    'ipt_REJECT',
    'ip6t_REJECT',
  ],
  nftables: [
    'nf_conntrack',
    'nf_nat|nf_nat_ipv4',
    'nf_tables',
    'nft_chain_nat|nft_chain_nat_ipv4',
    'nft_ct',
    'nft_nat',
    'nft_masq|nft_masq_ipv4',
    'nft_numgen',
    'nft_fib_ipv4',
    'nft_fib_ipv6',
    'nft_reject_ipv4',
    'nft_reject_ipv6',
  ],
};
