/** `--profile auto` for rules that are only read: the kube-proxy that wrote them. */

import type { NamedRules } from '../backends/named-rules.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import { AUTO, withGates } from '../profiles/profiles.js';
import type { Inputs } from './read-inputs.js';
import { followedOf, writersOfAll, writersText } from './written-by.js';

/** Reads the rules of all families. */
type ReadRules = () => Promise<readonly Pick<NamedRules, 'name' | 'writers'>[]>;

/**
 * The inputs with the profile that the rules of all families follow. With a profile that is named
 * already they are returned as they are, and the rules are not read. Throws UsageError for profile
 * auto without rules.
 */
export async function followingWriter(
  inputs: Inputs,
  rulesOf: ReadRules | undefined,
): Promise<Inputs> {
  if (inputs.profile !== AUTO) return inputs;
  if (rulesOf === undefined)
    throw new UsageError('profile auto takes the version from rules, and none are looked at', {
      hint: 'give the rules with --rules, or name a version with --profile',
    });
  const { mode } = inputs;
  const sides = (await rulesOf()).map(({ name, writers }) => {
    return { name, rules: { writers: () => writers(mode) } };
  });
  const { profiles, reasons } = writersOfAll(sides);
  const row = followedOf(profiles);
  const profile = withGates(row, inputs.featureGates);
  const notes = profiles.length > 0 ? [foundNote(row.name, writersText(profiles))] : [];
  return {
    ...inputs,
    config: { ...inputs.config, profile },
    diagnostics: [...inputs.diagnostics, ...notes, ...reasons.map((one) => unknown(one, row.name))],
  };
}

function foundNote(followed: string, writers: string): Diagnostic {
  return {
    code: 'profile-found',
    severity: 'note',
    message: `${writers}: objects mean what they mean to ${followed}`,
  };
}

function unknown(reason: string, followed: string): Diagnostic {
  return {
    code: 'writer-unknown',
    severity: 'warning',
    message: `${reason}; objects mean what they mean to kube-proxy ${followed}`,
  };
}
