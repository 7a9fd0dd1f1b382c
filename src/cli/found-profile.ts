/** `--profile auto`: the kube-proxy whose rules this machine has, kept once it is known. */

import { forgetProfiles, rememberedProfile, rememberProfile } from '../apply/profile-state.js';
import { readKernels } from '../apply/read-kernels.js';
import type { Backend } from '../backends/backend.js';
import { BACKENDS } from '../backends/index.js';
import type { KernelState } from '../backends/kernel.js';
import { modeUnset } from '../config/mode-unset.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import { AUTO, profileOf, withGates } from '../profiles/profiles.js';
import { PROFILES } from '../profiles/table.js';
import type { Profile } from '../profiles/types.js';
import type { BackendName } from '../ruleset/types.js';
import { followedOf, namesOf, packetKindsOf, writersOfAll, writersText } from './written-by.js';

/** A profile that was not named, and what says how it was found. */
export interface FoundProfile {
  readonly profile: Profile;
  /** The version to remember; `''` where it is remembered already. */
  readonly version: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where the rules are. */
export interface RulesPlace {
  readonly backend: Backend;
  readonly families: readonly Family[];
  readonly iptables?: 'nft' | 'legacy' | undefined;
  readonly facts: HostFacts | undefined;
  readonly featureGates: Readonly<Record<string, boolean>>;
}

/**
 * The profile that this machine follows: the one that is remembered, else the newest of those that
 * can have written its rules, else 1.36. Throws UsageError where the rules are those of no version
 * that vipc writes, or of two.
 */
export async function foundProfile(host: Host, place: RulesPlace): Promise<FoundProfile> {
  const { backend, families, iptables, facts, featureGates } = place;
  const kernels = await readKernels(host, backend.kernel, families, { iptables });
  const writers = candidates(kernels, backend.name, facts);
  const known = await rememberedProfile(host, backend.name);
  const kept = profileOf(known);
  if (kept !== undefined) {
    const isWriter = writers.length === 0 || writers.some(({ name }) => name === kept.name);
    const diagnostics = isWriter ? [] : [otherWriter(kept, writers)];
    return { profile: withGates(kept, featureGates), version: '', diagnostics };
  }
  const row = followedOf(writers);
  const version = `1.${row.from.join('.')}`;
  return {
    profile: withGates(row, featureGates),
    version,
    diagnostics: writers.length === 0 ? [] : [foundNote(version, writers, backend.name)],
  };
}

/** What an agent runs with. */
interface Agent extends Pick<RulesPlace, 'families' | 'iptables'> {
  readonly host: Host;
  readonly mode: BackendName;
  readonly config: Pick<ProxyConfig, 'profile' | 'layout' | 'mode'>;
}

/**
 * The profile that an agent follows from its start to its end, and what kube-proxy of that version
 * says of the configuration. A version that is named replaces the one that was found.
 */
export async function followedProfile(
  { host, mode, families, iptables, config }: Agent,
  choice: string,
  featureGates: RulesPlace['featureGates'],
): Promise<Pick<FoundProfile, 'profile' | 'diagnostics'>> {
  if (choice !== AUTO) {
    if (choice !== '') await forgetProfiles(host);
    return { profile: config.profile, diagnostics: modeUnset(config) };
  }
  const backend = BACKENDS[mode];
  const { facts } = await backend.kernel.facts(host, { layout: config.layout, iptables });
  const found = await foundProfile(host, { backend, families, iptables, facts, featureGates });
  await keepProfile(host, mode, found);
  const { profile, diagnostics } = found;
  return { profile, diagnostics: [...diagnostics, ...modeUnset({ ...config, profile })] };
}

/** Remembers a profile that was found, for the next time. */
export async function keepProfile(
  host: Host,
  mode: BackendName,
  { version }: FoundProfile,
): Promise<void> {
  if (version !== '') await rememberProfile(host, mode, version);
}

/** Those that can have written the rules; none where there are no rules. */
function candidates(
  kernels: readonly KernelState[],
  mode: BackendName,
  facts: HostFacts | undefined,
): readonly Profile[] {
  const there = kernels
    .filter(({ rules }) => rules.isProgrammed())
    .map(({ family, rules }) => ({ name: family, rules }));
  const { profiles, reasons } = writersOfAll(there);
  const [reason = there.length > 0 && profiles.length === 0 ? OF_TWO : ''] = reasons;
  if (reason !== '')
    throw new UsageError(`--profile auto: ${reason}`, { hint: 'name the version with --profile' });
  // A newer one would count on this machine.
  const isCounting = facts === undefined || facts.nfacct === true || hasCounters(facts.nfacct);
  const mayBeUncounted = mode === 'iptables' && !isCounting;
  return profiles.filter((profile) => PROFILES.includes(profile) || mayBeUncounted);
}

const OF_TWO = 'the rules of IPv4 and IPv6 are those of different versions of kube-proxy';

function hasCounters(nfacct: HostFacts['nfacct']): boolean {
  return typeof nfacct !== 'boolean' && nfacct.length > 0;
}

function foundNote(version: string, writers: readonly Profile[], mode: BackendName): Diagnostic {
  const kinds = packetKindsOf(writers, mode);
  const differing = kinds.length === 0 ? '' : `; these versions differ in ${kinds.join(', ')}`;
  return {
    code: 'profile-found',
    severity: 'note',
    message: `${writersText(writers)}: this machine follows ${version} from now on`,
    hint: `another --profile changes that${differing}`,
  };
}

function otherWriter(kept: Profile, writers: readonly Profile[]): Diagnostic {
  return {
    code: 'profile-kept',
    severity: 'warning',
    message: `the rules are those of kube-proxy ${namesOf(writers)}, but this machine follows ${kept.name}: they are changed to that`,
    hint: 'name the version with --profile to follow another one',
  };
}
