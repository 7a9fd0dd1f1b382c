/** Finds the profile of a version, and what feature gates change in it. */

import { PROFILES } from './table.js';
import type { Profile, ProfileChange } from './types.js';

/**
 * As in semantic versions no number begins with 0. A patch version may have the suffix of a
 * distribution, which says nothing of kube-proxy.
 */
const VERSION = /^v?1\.(?<minor>[1-9]\d)(?:\.(?<patch>0|[1-9]\d{0,2})(?:[-+][\w.+-]+)?)?$/;
const LAST_MINOR = PROFILES[PROFILES.length - 1]?.from[0] ?? 0;

/**
 * The profile of `1.34`, `1.33.5`, `v1.33.5` or, as nodes report it, `v1.33.5+k3s1`; without a
 * patch version, of the newest one.
 * `undefined` for what is no version, or one that is not known.
 */
export function profileOf(version: string): Profile | undefined {
  const { minor = '', patch = '999' } = VERSION.exec(version)?.groups ?? {};
  if (minor === '' || Number(minor) > LAST_MINOR) return undefined;
  return PROFILES.findLast(
    ({ from: [first, firstPatch] }) =>
      first < Number(minor) || (first === Number(minor) && firstPatch <= Number(patch)),
  );
}

/** The 34 of `1.34`, `1.34.2` or `v1.34.2+k3s1`; `undefined` as for {@link profileOf}. */
export function minorOf(version: string): number | undefined {
  if (profileOf(version) === undefined) return undefined;
  const { minor } = VERSION.exec(version)?.groups ?? {};
  return Number(minor);
}

/** kube-proxy 1.36, which vipc follows unless something else is asked for. */
export const DEFAULT_PROFILE: Profile = PROFILES.find(({ name }) => name === '1.36') ?? PROFILES[0];

/** Decides about node ports on loopback addresses in mode nftables (KEP-6032). */
export const LOCALHOST_GATE = 'KubeProxyNFTablesLocalhostNodePorts';

/** Stands for the kube-proxy that wrote the rules that are there. */
export const AUTO = 'auto';

/** What is wrong with the version of a profile; `''` for nothing. */
export function profileProblem(version: string): string {
  if (version === AUTO || profileOf(version) !== undefined) return '';
  return `must be a version of kube-proxy from 1.${PROFILES[0].from[0]} to 1.${LAST_MINOR}, such as 1.34 or 1.33.5, or ${AUTO}`;
}

/** The profile as these gates make it. */
export function withGates(profile: Profile, gates: Readonly<Record<string, boolean>>): Profile {
  return Object.entries(gates).reduce((changed, [gate, on]) => {
    const choices = Object.hasOwn(profile.gates, gate) ? profile.gates[gate] : undefined;
    return choices === undefined ? changed : withChange(changed, choices[on ? 'on' : 'off']);
  }, profile);
}

function withChange(profile: Profile, { policy, nftables }: ProfileChange): Profile {
  return {
    ...profile,
    policy: { ...profile.policy, ...policy },
    nftables:
      typeof profile.nftables === 'string'
        ? profile.nftables
        : { ...profile.nftables, ...nftables },
  };
}
