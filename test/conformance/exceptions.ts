/** Every case in which vipc differs from kube-proxy on purpose. A case that is not here must be equal. */

export interface Exception {
  /** Names of the cases. */
  readonly cases: RegExp;
  readonly reason: string;
  /** What we expect, made from what was recorded. */
  readonly expected: (recorded: string) => string;
  /** Code of the diagnostic that must tell the user. */
  readonly diagnostic: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    cases: /-primary-unknown-node$/,
    reason:
      'nodePortAddresses is "primary" and nothing says which address that is: kube-proxy opens node ports on all addresses, ' +
      'loopback included, we on none; so nothing needs route_localnet, nor the two rules that go with it',
    expected: (recorded) =>
      recorded
        .replace(/^-A KUBE-SERVICES .* -j KUBE-NODEPORTS\n/gm, '')
        .replace(/^-A KUBE-NODEPORTS -d 127\.0\.0\.0\/8 .*\n/gm, '')
        .replace(/^-A KUBE-FIREWALL .*\n/gm, ''),
    diagnostic: 'primary-node-ip-unknown',
  },
];
