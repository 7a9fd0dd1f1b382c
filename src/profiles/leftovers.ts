/**
 * What kube-proxy leaves in its table of mode nftables when another version takes over: it flushes
 * what it writes itself, and deletes nothing else that every node has.
 */

import type { Profile } from './types.js';

/** A unit that another version left behind. */
interface LeftUnit {
  readonly names: RegExp;
  /** Who left it. */
  readonly by: string;
}

const BEFORE_1_33_6 = 'kube-proxy before 1.33.6';
const FROM_1_33_6 = 'kube-proxy 1.33.6 or newer';

const LEFT_UNITS: readonly LeftUnit[] = [
  { names: /^filter-(?:prerouting|output-post-dnat)$/, by: BEFORE_1_33_6 },
  { names: /^filter-(?:prerouting|output)-pre-dnat$/, by: FROM_1_33_6 },
  { names: /^mark-for-masquerade$/, by: 'kube-proxy before 1.36' },
  { names: /^@hairpin-connections$/, by: 'kube-proxy 1.36 or newer' },
  {
    names: /^(?:@|counter )?localhost-nodeport-reject/,
    by: 'kube-proxy with feature gate KubeProxyNFTablesLocalhostNodePorts',
  },
  {
    names: /^(?:endpoints-check|forward|firewall-allow-check|@firewall|@firewall-allow)$/,
    by: 'kube-proxy 1.29',
  },
];

/** The versions that have a unit, by its label (`services`, `@cluster-ips`); `''`: unknown. */
export function leftBy(label: string): string {
  return LEFT_UNITS.find(({ names }) => names.test(label))?.by ?? '';
}

const FIREWALL = 'ct state new jump firewall-check';

/**
 * Base chains, with their declaration and their only rule. Other chains of the same hook do the
 * same at the same place, in every version.
 */
const LEFT_BASE_CHAINS: ReadonlyMap<string, readonly [declaration: string, rule: string]> = new Map(
  [
    ['filter-prerouting', ['prerouting priority -110', FIREWALL]],
    ['filter-output-post-dnat', ['output priority -90', 'ct state new jump cluster-ips-check']],
    ['filter-prerouting-pre-dnat', ['prerouting priority -110', FIREWALL]],
    ['filter-output-pre-dnat', ['output priority -110', FIREWALL]],
  ],
);

/**
 * Whether a base chain, as the lines that make it in a table such as `ip kube-proxy`, is one that a
 * version before or after 1.33.6 left behind. A chain with any other rule is not.
 */
export function isLeftBaseChain(table: string, name: string, lines: readonly string[]): boolean {
  const [hook, rule] = LEFT_BASE_CHAINS.get(name) ?? [];
  const [made, only, ...others] = lines;
  return (
    others.length === 0 &&
    made === `add chain ${table} ${name} { type filter hook ${hook} ; }` &&
    only === `add rule ${table} ${name} ${rule}`
  );
}

/**
 * What happens when the table goes from one version to another and back; `''` for nothing.
 * kube-proxy 1.33 to 1.35 does not write chains of endpoints that are there when it starts, and
 * those of newer versions, which only Services with session affinity have, do not masquerade.
 */
export function handBackHazard(from: readonly Profile[], to: Profile): string {
  const layoutOf = ({ nftables }: Profile): string =>
    typeof nftables === 'string' ? '' : nftables.layout;
  if (layoutOf(to) !== 'inline' || !from.some((profile) => layoutOf(profile) === 'chains'))
    return '';
  return 'a kube-proxy 1.33 to 1.35 that takes these rules back does not masquerade hairpins of Services with session affinity until they change, or for an hour';
}
