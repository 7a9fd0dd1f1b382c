/**
 * Every case in which vipc differs from kube-proxy on purpose. A case that is not here must be
 * equal.
 */

import type { BackendName } from '../../src/index.js';

export interface Exception {
  /** Names of the cases. */
  readonly cases: RegExp;
  readonly reason: string;
  /** What we expect in each mode, made from what was recorded. */
  readonly expected: Readonly<Record<BackendName, (recorded: string) => string>>;
  /** Code of the diagnostic that must name it to the user. */
  readonly diagnostic: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    cases: /-primary-unknown-node$/,
    reason:
      'nodePortAddresses is "primary" and nothing says which address that is: kube-proxy opens node ports on all addresses, ' +
      'loopback included, we on none; so nothing needs route_localnet, nor the two rules that go with it',
    expected: {
      iptables: (recorded) =>
        recorded
          .replace(/^-A KUBE-SERVICES .* -j KUBE-NODEPORTS\n/gm, '')
          .replace(/^-A KUBE-NODEPORTS -d 127\.0\.0\.0\/8 .*\n/gm, '')
          .replace(/^-A KUBE-FIREWALL .*\n/gm, ''),
      // The set of addresses that accept node ports is there, and empty.
      nftables: (recorded) =>
        recorded
          .replace(
            /(?:fib daddr type local )?(ip6?) daddr != \S+ (meta .*-?nodeports)$/gm,
            '$1 daddr @nodeport-ips $2',
          )
          .replace(
            /^(?=map service-ips \{ .*type (ipv[46]_addr))/m,
            'set nodeport-ips { comment "IPs that accept NodePort traffic"; type $1 }\n',
          ),
    },
    diagnostic: 'primary-node-ip-unknown',
  },
];

/**
 * Cases that kube-proxy could not load in a mode, so that nothing was recorded, with the reason.
 */
export const UNRECORDED: readonly {
  readonly cases: RegExp;
  readonly mode: BackendName;
  readonly reason: string;
}[] = [
  {
    cases: /-long-names-without-endpoints$/,
    mode: 'nftables',
    reason:
      'kube-proxy writes an element comment of more than 128 bytes, and nft refuses the whole transaction; ours are cut',
  },
];
