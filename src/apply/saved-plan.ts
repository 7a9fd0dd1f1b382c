/** Loads the input of a plan that was made earlier: all of it, or the kernel stays as it was. */

import { LoadError, StalePlanError } from '../errors.js';
import { keepFailedInput } from './failed-input.js';
import { giveBack } from './load.js';
import type { QuarantineTarget } from './quarantine.js';
import type { KernelState } from './read-kernel.js';
import { type RestoreFault, restore } from './restore.js';

/** Throws {@link StalePlanError} where a precondition fails, {@link LoadError} where a rule is refused. */
export async function carryOutPlan(
  target: QuarantineTarget,
  kernel: KernelState,
  input: string,
): Promise<void> {
  const fault = await restore(target.host, kernel.tools, input, target);
  if (fault === undefined) return;
  const restored = await giveBack(target, kernel);
  if (fault.kind === 'moved')
    throw new StalePlanError(
      `the ${kernel.family} rules changed while the plan was carried out: ${fault.reason}`,
      { hint: 'make a new plan with "vipc diff --out"' },
    );
  throw await loadError(target, kernel, input, fault, restored);
}

async function loadError(
  { host, failedFolder }: QuarantineTarget,
  { family }: KernelState,
  input: string,
  { reason, lines }: RestoreFault,
  restored: boolean,
): Promise<LoadError> {
  const file = await keepFailedInput(host, failedFolder, family, input);
  const [line = ''] = lines;
  const state = restored ? 'nothing was changed' : 'what was loaded before could not be taken back';
  return new LoadError(
    `the plan is refused, ${state} (${family}): ${reason}${line === '' ? '' : `: ${line}`}`,
    { reason, line, file },
    { hint: file === '' ? '' : `the refused input is kept in ${file}` },
  );
}
