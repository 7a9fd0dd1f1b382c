/** Applies a saved plan: all of it, on the kernel that it was made from, or nothing. */

import type { KernelState, LoadFault } from '../backends/kernel.js';
import { inputText, type LoadInput } from '../backends/transaction.js';
import { LoadError, StalePlanError } from '../errors.js';
import { systemClock } from '../host/clock.js';
import type { Plan } from '../plan/plan.js';
import { planRefused } from '../plan/plan-file.js';
import { keepFailedInput } from './failed-input.js';
import { rollBack } from './load.js';
import { withLocks } from './lock.js';
import type { QuarantineTarget } from './quarantine.js';
import { readKernels } from './read-kernels.js';
import {
  type Applied,
  type ApplyOptions,
  type ApplySteps,
  carryOut,
  type FamilyStep,
  loadTarget,
  planStep,
} from './steps.js';
import { verifyPlan } from './verify.js';

/**
 * Reads the kernel and says what a saved plan would do now. Throws StalePlanError where the rules
 * have changed.
 */
export async function planSaved(options: ApplyOptions, saved: Plan): Promise<ApplySteps> {
  const { host, backend, lock } = options;
  options.progress?.({ stage: 'read' });
  const kernels = await readKernels(
    host,
    backend.kernel,
    saved.families.map(({ family }) => family),
    { iptables: saved.variant === 'legacy' ? 'legacy' : 'nft', signal: lock.signal },
  );
  const families = saved.families.flatMap((plan, i): readonly FamilyStep[] => {
    const kernel = kernels[i];
    if (kernel === undefined) return [];
    const fault = kernel.rules.planFault(plan);
    if (fault !== '') throw planRefused('the plan', `${plan.family}: ${fault}`);
    if (kernel.rules.fingerprint(plan) !== plan.base)
      throw new StalePlanError(
        `the ${plan.family} rules have changed since the plan was made; nothing was changed`,
        { hint: 'make a new plan with "vipc diff --out"' },
      );
    return [planStep(backend, kernel, plan)];
  });
  return {
    families,
    settings: saved.host,
    flows: saved.flows,
    diagnostics: kernels.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * Carries out a saved plan, or throws StalePlanError. A plan with a refused rule is refused as a
 * whole, with LoadError.
 */
export async function applySaved(
  options: ApplyOptions,
  saved: Plan,
  show: (steps: ApplySteps) => Promise<void> = async () => {},
): Promise<Applied> {
  const families = saved.families.map(({ family }) => family);
  return withLocks(options.host, families, options.lock, async () => {
    const started = systemClock.now();
    const steps = await planSaved(options, saved);
    await show(steps);
    return carryOut(options, steps, started, {
      load: async ({ kernel, plan, input }) => {
        const target = loadTarget(options, kernel.family);
        if (input.length > 0) await carryOutPlan(target, kernel, input);
        return {
          plan,
          loads: input.length === 0 ? 0 : 1,
          refused: [],
          diagnostics: [],
          verify: () => verifyPlan(target, kernel, plan),
        };
      },
      // A saved plan has no Services, only the flows that it was saved with.
      staleFlows: async () => steps.flows,
    });
  });
}

/**
 * Throws {@link StalePlanError} where a precondition fails, {@link LoadError} where a rule is
 * refused.
 */
async function carryOutPlan(
  target: QuarantineTarget,
  kernel: KernelState,
  input: LoadInput,
): Promise<void> {
  const fault = await target.backend.kernel.load(target.host, kernel.tools, input, target);
  if (fault === undefined) return;
  const restored = await rollBack(target, kernel);
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
  input: LoadInput,
  { reason, lines }: LoadFault,
  restored: boolean,
): Promise<LoadError> {
  const file = await keepFailedInput(host, failedFolder, family, inputText(input));
  const [line = ''] = lines;
  const state = restored ? 'nothing was changed' : 'what was loaded before could not be undone';
  return new LoadError(
    `the plan is refused, ${state} (${family}): ${reason}${line === '' ? '' : `: ${line}`}`,
    { reason, line, file },
    { hint: file === '' ? '' : `the refused input is kept in ${file}` },
  );
}
