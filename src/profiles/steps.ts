/** The way from one profile to another, a field at a time. */

import {
  type FieldKinds,
  IPTABLES_KINDS,
  NFTABLES_KINDS,
  POLICY_KINDS,
  type ProfileKind,
} from './kinds.js';
import type { Profile, ProfilePolicy } from './types.js';

/** A profile that differs from the one before it in one field, and what that means. */
export interface ProfileStep {
  readonly profile: Profile;
  readonly kinds: readonly ProfileKind[];
}

type StepsBetween = (from: Profile, to: Profile) => readonly ProfileStep[];

/**
 * The way from one profile to another by mode, a field at a time: rules first, then policy. Each
 * step differs from the one before in that field alone, so what a compilation changes with it is of
 * this kind.
 */
export const PROFILE_STEPS: { readonly [mode in 'iptables' | 'nftables']: StepsBetween } = {
  iptables: (from, to) =>
    fieldSteps({ ...from, nftables: to.nftables }, [
      ...changes(IPTABLES_KINDS, from.iptables, to.iptables, (profile, part) => ({
        ...profile,
        iptables: { ...profile.iptables, ...part },
      })),
      ...policyChanges(from.policy, to.policy),
    ]),
  nftables: (from, to) => {
    if (typeof to.nftables === 'string' || typeof from.nftables === 'string') return [];
    const ofRules = changes(NFTABLES_KINDS, from.nftables, to.nftables, (profile, part) =>
      typeof profile.nftables === 'string'
        ? profile
        : { ...profile, nftables: { ...profile.nftables, ...part } },
    );
    return fieldSteps({ ...from, iptables: to.iptables }, [
      // What shows in one layout alone changes while the rules have that layout.
      ...(from.nftables.layout === 'inline' ? ofRules.toReversed() : ofRules),
      ...policyChanges(from.policy, to.policy),
    ]);
  },
};

/** A change of one field. */
interface FieldChange {
  readonly kinds: readonly ProfileKind[];
  readonly change: (profile: Profile) => Profile;
}

function policyChanges(from: ProfilePolicy, to: ProfilePolicy): readonly FieldChange[] {
  return changes(POLICY_KINDS, from, to, (profile, part) => ({
    ...profile,
    policy: { ...profile.policy, ...part },
  }));
}

function changes<T extends object>(
  kinds: FieldKinds<T>,
  from: T,
  to: T,
  set: (profile: Profile, part: Partial<T>) => Profile,
): readonly FieldChange[] {
  const fields = Object.keys(kinds) as (keyof T)[];
  return fields
    .filter((field) => from[field] !== to[field])
    .map((field) => {
      const part: Partial<T> = {};
      part[field] = to[field];
      return {
        change: (profile) => set(profile, part),
        kinds: kinds[field].map(({ words, ...kind }) => ({
          ...kind,
          there: words[String(from[field])] ?? '',
          here: words[String(to[field])] ?? '',
        })),
      };
    });
}

function fieldSteps(from: Profile, fields: readonly FieldChange[]): readonly ProfileStep[] {
  const steps: ProfileStep[] = [];
  let profile = from;
  for (const { kinds, change } of fields) {
    profile = change(profile);
    steps.push({ profile, kinds });
  }
  return steps;
}
