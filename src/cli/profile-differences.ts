/** What differs because another version of kube-proxy wrote the rules, kind by kind. */

import { refusedOnLoopback } from '../model/loopback.js';
import type { Model, ServicePort } from '../model/types.js';
import { cidrContains } from '../net/cidr.js';
import type { Family, Ip } from '../net/ip.js';
import type { KindScope, ProfileKind } from '../profiles/kinds.js';
import { PROFILE_STEPS } from '../profiles/steps.js';
import type { Profile } from '../profiles/types.js';
import { fragmentsOf, type Ruleset } from '../ruleset/types.js';
import type { CompiledInputs } from './compiled-inputs.js';

/** A difference that the versions explain. */
export interface ProfileDifference {
  /** `1.34.2+ or 1.35`. */
  readonly writer: string;
  readonly kinds: readonly CountedKind[];
  /** The Service ports with such rules; `''` for every node. */
  readonly origins: readonly string[];
  readonly rules: number;
}

/** One kind, and how many Service ports of a family it concerns; 0: every node alone. */
export interface CountedKind extends Omit<ProfileKind, 'scope'> {
  readonly ports: number;
}

const SCOPES: Readonly<
  Record<KindScope, (port: ServicePort, context: Model['context']) => boolean>
> = {
  'remote-endpoints': (
    { internalPolicyLocal, externalPolicyLocal, externallyAccessible, pools },
    { masqueradeAll, localDetector },
  ) => {
    // Where the network of Pods is that of this node, those of others are masqueraded anyway.
    const isLocalSource = (ip: Ip): boolean =>
      localDetector.kind !== 'source' || cidrContains(localDetector.cidr, ip);
    const byExternal = externallyAccessible && externalPolicyLocal && localDetector.kind !== 'none';
    return (
      !masqueradeAll &&
      (!internalPolicyLocal || byExternal) &&
      pools.cluster.some(({ local, ip }) => !local && isLocalSource(ip))
    );
  },
  'local-elsewhere': ({ externalIps, loadBalancerIps, externalPolicyLocal, pools }) =>
    externalIps.length + loadBalancerIps.length > 0 &&
    externalPolicyLocal &&
    pools.local.length === 0 &&
    pools.cluster.length > 0,
  'ranges-without-endpoints': ({ loadBalancerIps, sourceRanges, pools: { any } }) =>
    loadBalancerIps.length > 0 &&
    sourceRanges.length > 0 &&
    !sourceRanges.some((cidr) => cidr.endsWith('/0')) &&
    !any,
  'spelled-twice': ({ pools: { reachable } }) =>
    new Set(reachable.map(({ target }) => target)).size < reachable.length,
  'refused-on-loopback': ({ nodePort, protocol }, context) =>
    nodePort !== 0 && refusedOnLoopback(context).includes(protocol),
};

/** What was compiled for one profile. */
export interface CompiledProfile extends Pick<CompiledInputs, 'mode' | 'compiled'> {
  readonly config: Pick<CompiledInputs['config'], 'profile'>;
}

/**
 * The kinds that there are between the rules of one profile and those of another, by family. A kind
 * of which no object shows anything is left out.
 */
export function kindsBetween(
  { config: { profile: from }, mode, compiled }: CompiledProfile,
  to: Profile,
  compile: (profile: Profile) => Pick<CompiledInputs, 'compiled'>,
): ReadonlyMap<Family, readonly CountedKind[]> {
  const found = new Map<Family, CountedKind[]>();
  let before = compiled;
  for (const { profile, kinds } of PROFILE_STEPS[mode](from, to)) {
    const after = compile(profile).compiled;
    for (const [i, { model, ruleset }] of after.entries()) {
      const { family } = ruleset;
      const old = before[i];
      if (old === undefined) continue;
      const changed = changedOrigins(old.ruleset, ruleset);
      if (changed.length === 0) continue;
      const counted = kinds.flatMap(({ scope, ...kind }): readonly CountedKind[] => {
        if (scope === undefined) return [{ ...kind, ports: changed.filter(Boolean).length }];
        const ports = Math.max(portsIn(scope, old.model), portsIn(scope, model));
        return ports === 0 ? [] : [{ ...kind, ports }];
      });
      found.set(family, [...(found.get(family) ?? []), ...counted]);
    }
    before = after;
  }
  return found;
}

function portsIn(scope: KindScope, { ports, context }: Model): number {
  return ports.filter((port) => SCOPES[scope](port, context)).length;
}

/** The origins whose rules are not the same; `''` for every node. */
function changedOrigins(before: Ruleset, after: Ruleset): readonly string[] {
  const [old, fresh] = [textsOf(before), textsOf(after)];
  const origins = new Set([...old.keys(), ...fresh.keys()]);
  return [...origins].filter((origin) => old.get(origin) !== fresh.get(origin));
}

/** The rules by origin. */
function textsOf(ruleset: Ruleset): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { origin, text } of fragmentsOf(ruleset))
    texts.set(origin, (texts.get(origin) ?? '') + text);
  return texts;
}
