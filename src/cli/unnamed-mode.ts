/**
 * A mode that neither a flag nor the configuration names: the rules that the kernel has may settle
 * it, or say that another one is meant.
 */

import { BACKENDS } from '../backends/index.js';
import type { KernelRules } from '../backends/kernel-rules.js';
import type { Diagnostic } from '../diagnostics.js';
import { UsageError, VipcError } from '../errors.js';
import type { Host } from '../host/host.js';
import { FAMILIES } from './compiled-inputs.js';

type Rules = Iterable<Pick<KernelRules, 'isProgrammed'>>;

const isChoice = ({ code }: Diagnostic): boolean => code === 'mode-chosen';

/** The diagnostics, without the note on the mode where the kernel has rules of it. */
export function withoutSettledMode(
  diagnostics: readonly Diagnostic[],
  rules: Rules,
): readonly Diagnostic[] {
  return isProgrammed(rules) ? diagnostics.filter((one) => !isChoice(one)) : diagnostics;
}

/** The same, but a warning instead of the note where the kernel has rules of mode nftables only. */
export async function withFoundMode(
  diagnostics: readonly Diagnostic[],
  rules: Rules,
  host: Host,
): Promise<readonly Diagnostic[]> {
  if (!(await isOtherMode(diagnostics, rules, host))) return withoutSettledMode(diagnostics, rules);
  return diagnostics.map((one) =>
    isChoice(one)
      ? {
          ...one,
          severity: 'warning',
          message: `${one.message}; the kernel has rules of mode nftables`,
          hint: 'give --mode nftables',
        }
      : one,
  );
}

/** Throws UsageError where the kernel has rules of mode nftables only, and no mode is named. */
export async function refuseOtherMode(
  diagnostics: readonly Diagnostic[],
  rules: Rules,
  host: Host,
): Promise<void> {
  if (await isOtherMode(diagnostics, rules, host))
    throw new UsageError(
      'neither --mode nor the configuration names a mode, and the kernel has rules of mode nftables',
      { hint: '--mode nftables keeps them up to date; --mode iptables adds rules of iptables' },
    );
}

async function isOtherMode(
  diagnostics: readonly Diagnostic[],
  rules: Rules,
  host: Host,
): Promise<boolean> {
  return diagnostics.some(isChoice) && !isProgrammed(rules) && (await hasNftables(host));
}

function isProgrammed(rules: Rules): boolean {
  return [...rules].some((one) => one.isProgrammed());
}

/** Whether the kernel has rules of mode nftables; not where they cannot be read. */
async function hasNftables(host: Host): Promise<boolean> {
  for (const family of FAMILIES.dual) {
    try {
      const { rules } = await BACKENDS.nftables.kernel.read(host, family, {});
      if (rules.isProgrammed()) return true;
    } catch (error) {
      if (!(error instanceof VipcError)) throw error;
    }
  }
  return false;
}
