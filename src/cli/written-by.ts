/** Finds the kube-proxy that wrote the rules, for comparisons without --profile. */

import type { BesideKept } from '../backends/kept.js';
import type { KernelRules } from '../backends/kernel-rules.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import { DEFAULT_PROFILE } from '../profiles/profiles.js';
import { PROFILE_STEPS } from '../profiles/steps.js';
import { PROFILES } from '../profiles/table.js';
import type { Profile } from '../profiles/types.js';
import type { BackendName } from '../ruleset/types.js';
import { type Against, besideKept, type FamilyAgainst } from './against.js';
import type { CompiledInputs } from './compiled-inputs.js';
import { type CountedKind, kindsBetween } from './profile-differences.js';

/** One family, with what differs there. */
export interface PlannedFamily extends FamilyAgainst {
  readonly found: FamilyPlan;
  /** What explains differences, where another kube-proxy wrote what is there. */
  readonly asWritten?: AsWritten | undefined;
}

/** The rules as the kube-proxy that wrote what is there has them. */
export interface AsWritten {
  readonly writer: string;
  readonly kinds: readonly CountedKind[];
  readonly wanted: BesideKept['wanted'];
  readonly found: FamilyPlan;
}

/** The desired rules of one kube-proxy, and the rules that are compared with them. */
interface DesiredRules {
  readonly inputs: CompiledInputs;
  readonly families: readonly PlannedFamily[];
}

/** The same, where the kube-proxy is the one that wrote what is there. */
export interface DesiredAsWritten extends DesiredRules {
  /** `1.34.2+ or 1.35`; absent: 1.36, or not known. */
  readonly writer?: string;
  /** The diagnostic where it is not known. */
  readonly unknown: readonly Diagnostic[];
}

/** Compiles for the kube-proxy of a profile, as the gates of the configuration make it. */
type CompileAs = (profile: Profile) => CompiledInputs;

/** The desired rules of a layout that no kube-proxy has. */
export function desiredOf(sides: readonly Against[], inputs: CompiledInputs): DesiredAsWritten {
  return { ...planned(sides, inputs), unknown: [] };
}

/** The desired rules of a profile that was asked for, and what the versions explain. */
export function desiredOfProfile(
  sides: readonly Against[],
  inputs: CompiledInputs,
  compile: CompileAs,
): DesiredAsWritten {
  const desired = planned(sides, inputs);
  const { profiles } = writersOfAll(sides);
  const { profile } = inputs.config;
  const isWriter = profiles.length === 0 || profiles.some(({ name }) => name === profile.name);
  if (isWriter || changesOf(desired) === 0) return { ...desired, unknown: [] };
  const written = closest(sides, profiles, compile);
  const kinds = kindsBetween(written.inputs, profile, compile);
  const writer = namesOf(profiles);
  const byFamily = new Map(written.families.map((one) => [one.side.family, one]));
  const explained = (family: Family): AsWritten | undefined => {
    const one = byFamily.get(family);
    return one && { ...one, writer, kinds: kinds.get(family) ?? [] };
  };
  const families = desired.families.map((one) => ({
    ...one,
    asWritten: explained(one.side.family),
  }));
  return { ...desired, families, unknown: [] };
}

/**
 * The desired rules as the kube-proxy of the rules that are there would write them, as far as these
 * show.
 */
export function desiredAsWritten(sides: readonly Against[], compile: CompileAs): DesiredAsWritten {
  const { profiles, reasons } = writersOfAll(sides);
  const consequence = `compared with what kube-proxy ${DEFAULT_PROFILE.name} writes`;
  const unknown = reasons.map((reason) => unknownWriter(reason, consequence));
  const asDefault = { ...planned(sides, compile(DEFAULT_PROFILE)), unknown };
  const isDefault = profiles.length === 0 || profiles.includes(DEFAULT_PROFILE);
  // Versions look alike where a machine leaves out what distinguishes them, such as nfacct.
  if (isDefault || changesOf(asDefault) === 0) return asDefault;
  return { ...closest(sides, profiles, compile), unknown, writer: namesOf(profiles) };
}

/**
 * The desired rules with the fewest changes. Rules of several versions look alike: of those whose
 * policy differs the newest one is tried first.
 */
function closest(
  sides: readonly Against[],
  profiles: readonly Profile[],
  compile: CompileAs,
): DesiredRules {
  const [newest = DEFAULT_PROFILE, ...older] = distinct(profiles.toReversed());
  let best = planned(sides, compile(newest));
  let fewest = changesOf(best);
  for (const profile of older) {
    if (fewest === 0) break;
    const other = planned(sides, compile(profile));
    const changes = changesOf(other);
    if (changes < fewest) [best, fewest] = [other, changes];
  }
  return best;
}

/** One profile of each group that the rules cannot distinguish. */
function distinct(profiles: readonly Profile[]): readonly Profile[] {
  const byRules = new Map<string, Profile>();
  for (const profile of profiles) {
    const { policy, iptables, nftables } = profile;
    const key = JSON.stringify([policy, iptables, nftables]);
    if (!byRules.has(key)) byRules.set(key, profile);
  }
  return [...byRules.values()];
}

function planned(sides: readonly Against[], inputs: CompiledInputs): DesiredRules {
  const families = besideKept(inputs, sides).map((one) => ({
    ...one,
    found: one.side.rules.plan(one.wanted.ruleset),
  }));
  return { inputs, families };
}

/** Rules of a family. */
export interface WrittenRules {
  readonly name: string;
  readonly rules: Pick<KernelRules, 'writers'>;
}

/** The versions that can have written rules of several families. */
export interface WritersOfAll {
  /** The profiles that all families can have been written by. */
  readonly profiles: readonly Profile[];
  /** Why it is not known, family by family. */
  readonly reasons: readonly string[];
}

/** Who can have written rules that are called so. */
export function writersOfAll(sides: readonly WrittenRules[]): WritersOfAll {
  const found = sides.map(({ name, rules }) => ({ name, ...rules.writers() }));
  const [first, ...others] = found;
  const profiles = (first?.profiles ?? []).filter((profile) =>
    others.every((other) => other.profiles.includes(profile)),
  );
  const reasons = found.flatMap(({ name, reason }) => (reason === '' ? [] : `${name}: ${reason}`));
  return { profiles, reasons };
}

function unknownWriter(reason: string, consequence: string): Diagnostic {
  return { code: 'writer-unknown', severity: 'warning', message: `${reason}; ${consequence}` };
}

/** What is said where rules of no version that vipc writes are changed to those of a profile. */
export function takenOver(
  sides: readonly WrittenRules[],
  { name }: Pick<Profile, 'name'>,
): readonly Diagnostic[] {
  const consequence = `they are changed to those of kube-proxy ${name}`;
  return writersOfAll(sides).reasons.map((reason) => unknownWriter(reason, consequence));
}

/** The profile to follow where any of these can have written the rules: 1.36, or the newest. */
export function followedOf(profiles: readonly Profile[]): Profile {
  return profiles.includes(DEFAULT_PROFILE)
    ? DEFAULT_PROFILE
    : (profiles.at(-1) ?? DEFAULT_PROFILE);
}

/** Chains that differ; what is only left over does not count. */
function changesOf({ families }: DesiredRules): number {
  return families.reduce((sum, { found }) => sum + found.changes.length, 0);
}

/** `1.33.6+, 1.34.2+ or 1.35`; more than four in a row are `1.31 to 1.38`. */
export function namesOf(profiles: readonly Profile[]): string {
  const names = runsOf(profiles).flatMap((run) => {
    const [first = '', ...others] = run.map(({ name }) => name);
    return others.length < 4 ? [first, ...others] : [`${first} to ${others.at(-1)}`];
  });
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

/** The profiles, those together that follow each other. */
function runsOf(profiles: readonly Profile[]): readonly (readonly Profile[])[] {
  const runs: Profile[][] = [];
  for (const profile of profiles) {
    const before = runs.at(-1)?.at(-1);
    const row = PROFILES.indexOf(profile);
    if (before !== undefined && row > 0 && PROFILES[row - 1] === before) runs.at(-1)?.push(profile);
    else runs.push([profile]);
  }
  return runs;
}

/** Who wrote rules that any of these can have written, as a sentence. */
export function writersText(profiles: readonly Profile[]): string {
  return PROFILES.every((row) => profiles.includes(row))
    ? 'nothing in the rules shows which kube-proxy wrote them'
    : `the rules are those of kube-proxy ${namesOf(profiles)}`;
}

/** What changes packets between profiles that rules do not tell apart: names of kinds. */
export function packetKindsOf(profiles: readonly Profile[], mode: BackendName): readonly string[] {
  const kinds = profiles.flatMap((profile, i) =>
    PROFILE_STEPS[mode](profiles[i - 1] ?? profile, profile).flatMap((step) => step.kinds),
  );
  return [...new Set(kinds.filter((kind) => kind.changesPackets).map(({ name }) => name))];
}
