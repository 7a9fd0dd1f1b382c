/** Which kube-proxy the rules are compared with, where nobody says it: the one that wrote them. */

import type { Diagnostic } from '../diagnostics.js';
import { DEFAULT_PROFILE } from '../profiles/profiles.js';
import type { Profile } from '../profiles/types.js';
import { type Against, besideKept, type FamilyAgainst } from './against.js';
import type { CompiledInputs } from './compiled-inputs.js';

/** Desired rules of one kube-proxy, beside what is there. */
export interface DesiredRules {
  readonly inputs: CompiledInputs;
  readonly families: readonly FamilyAgainst[];
}

/** The same, where the kube-proxy is the one that wrote what is there. */
export interface DesiredAsWritten extends DesiredRules {
  /** `1.34.2+ or 1.35`; absent: 1.36, or nobody knows. */
  readonly writer?: string;
  /** What says that nobody knows. */
  readonly unknown: readonly Diagnostic[];
}

/** Where a profile was chosen. */
export function desiredOf(sides: readonly Against[], inputs: CompiledInputs): DesiredAsWritten {
  return { inputs, families: besideKept(inputs, sides), unknown: [] };
}

/**
 * The desired rules as the kube-proxy of the rules that are there would write them, as far as these
 * tell. Rules of several versions look alike: of those that can have written them the newest one
 * with the fewest changes is taken. Those of 1.36 are taken first.
 */
export function desiredAsWritten(
  sides: readonly Against[],
  compile: (profile: Profile) => CompiledInputs,
): DesiredAsWritten {
  const inputs = compile(DEFAULT_PROFILE);
  const asDefault = { inputs, families: besideKept(inputs, sides) };
  const { profiles, unknown } = writersOf(sides);
  const isDefault = profiles.length === 0 || profiles.includes(DEFAULT_PROFILE);
  let best: DesiredRules = asDefault;
  let fewest = isDefault ? 0 : changesOf(asDefault);
  for (const profile of profiles.toReversed()) {
    if (fewest === 0) break;
    const other = compile(profile);
    const desired = { inputs: other, families: besideKept(other, sides) };
    const changes = changesOf(desired);
    if (changes < fewest) [best, fewest] = [desired, changes];
  }
  return { ...best, unknown, ...(best === asDefault ? {} : { writer: namesOf(profiles) }) };
}

/** The profiles that all families can have been written by. */
function writersOf(sides: readonly Against[]): {
  readonly profiles: readonly Profile[];
  readonly unknown: readonly Diagnostic[];
} {
  const found = sides.map(({ name, rules }) => ({ name, ...rules.writers() }));
  const [first, ...others] = found;
  const profiles = (first?.profiles ?? []).filter((profile) =>
    others.every((other) => other.profiles.includes(profile)),
  );
  return {
    profiles,
    unknown: found.flatMap(({ name, reason }) =>
      reason === '' ? [] : [unknownWriter(name, reason)],
    ),
  };
}

function unknownWriter(name: string, reason: string): Diagnostic {
  return {
    code: 'writer-unknown',
    severity: 'warning',
    message: `${name}: ${reason}; compared with what kube-proxy ${DEFAULT_PROFILE.name} writes`,
  };
}

/** Chains that differ; what is only left over does not count. */
function changesOf({ families }: DesiredRules): number {
  return families.reduce(
    (sum, { side, wanted }) => sum + side.rules.plan(wanted.ruleset).changes.length,
    0,
  );
}

/** `1.33.6+, 1.34.2+ or 1.35`. */
function namesOf(profiles: readonly Profile[]): string {
  const names = profiles.map(({ name }) => name);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}
