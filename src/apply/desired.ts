/**
 * Applies the rules for a set of objects: planned from the kernel, refused Services quarantined.
 */

import { withLocks } from './lock.js';
import { type Desired, planMachine, staleFlowsOf } from './machine-plan.js';
import { loadWithQuarantine, refusalDiagnostics } from './quarantine.js';
import { readKernels } from './read-kernels.js';
import {
  type Applied,
  type ApplyOptions,
  type ApplySteps,
  carryOut,
  type FamilyStep,
  type LoadedFamily,
  stepOf,
  targetOf,
} from './steps.js';
import { verifyRuleset } from './verify.js';

/** Reads the kernel and says what an apply would do. Changes nothing. */
export async function planApply(options: ApplyOptions, desired: Desired): Promise<ApplySteps> {
  const { host, backend, iptables, lock } = options;
  const { compiled, kept = new Set() } = desired;
  const kernels = await readKernels(
    host,
    backend.kernel,
    compiled.map(({ ruleset }) => ruleset.family),
    { iptables, signal: lock.signal },
  );
  const families = kernels.flatMap((kernel, i): readonly FamilyStep[] => {
    const ruleset = compiled[i]?.ruleset;
    if (ruleset === undefined) return [];
    const wanted = kernel.rules.keepServices(ruleset, kept);
    return [stepOf(backend, kernel, kernel.rules.plan(wanted), wanted)];
  });
  const machine = await planMachine(host, desired, kernels, lock.signal);
  return {
    families,
    settings: machine.settings,
    flows: machine.flows,
    diagnostics: [...kernels.flatMap(({ diagnostics }) => diagnostics), ...machine.diagnostics],
  };
}

/** Applies. `show` gets what will be done before anything is. */
export async function applyDesired(
  options: ApplyOptions,
  desired: Desired,
  show: (steps: ApplySteps) => Promise<void> = async () => {},
): Promise<Applied> {
  const { host, lock } = options;
  const families = desired.compiled.map(({ ruleset }) => ruleset.family);
  return withLocks(host, families, lock, async () => {
    const started = performance.now();
    const steps = await planApply(options, desired);
    await show(steps);
    const kernels = steps.families.map(({ kernel }) => kernel);
    return carryOut(options, steps, started, {
      load: (step) => loadDesired(options, desired, step),
      staleFlows: async (refused) =>
        (await staleFlowsOf(host, desired, kernels, refused, lock.signal)).stale,
    });
  });
}

async function loadDesired(
  options: ApplyOptions,
  { compiled, kept = new Set() }: Desired,
  step: FamilyStep,
): Promise<LoadedFamily> {
  const { kernel, plan } = step;
  const found = compiled.find(({ ruleset }) => ruleset.family === plan.family);
  if (found === undefined)
    return { plan, loads: 0, refused: [], diagnostics: [], verify: async () => {} };
  const target = { ...targetOf(options), prepared: step };
  const wanted = kernel.rules.keepServices(found.ruleset, kept);
  const loaded = await loadWithQuarantine(target, kernel, wanted);
  return {
    plan: loaded.plan,
    loads: loaded.sent.length,
    refused: loaded.refused.map(({ origin }) => origin),
    diagnostics: refusalDiagnostics(loaded.refused),
    verify: () => verifyRuleset(target, kernel, loaded.applied),
  };
}
