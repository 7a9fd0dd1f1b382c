/**
 * Applies the rules for a set of objects: planned from the kernel, refused Services quarantined.
 */

import { compileBeside } from '../backends/kept.js';
import type { Diagnostic } from '../diagnostics.js';
import { systemClock } from '../host/clock.js';
import type { NamespacedName } from '../model/types.js';
import { append } from '../ruleset/compare.js';
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
  loadTarget,
  planStep,
} from './steps.js';
import { verifyRuleset } from './verify.js';

const NONE: ReadonlySet<NamespacedName> = new Set();

/** Reads the kernel and plans an apply. Changes nothing. */
export async function planApply(options: ApplyOptions, desired: Desired): Promise<ApplySteps> {
  const { host, backend, iptables, lock } = options;
  const { compiled, kept = NONE } = desired;
  options.progress?.({ stage: 'read' });
  const kernels = await readKernels(
    host,
    backend.kernel,
    compiled.map(({ ruleset }) => ruleset.family),
    { iptables, signal: lock.signal },
  );
  const collisions: Diagnostic[] = [];
  const families = kernels.flatMap((kernel, i): readonly FamilyStep[] => {
    const one = compiled[i];
    if (one === undefined) return [];
    const { wanted, diagnostics } = compileBeside(kernel.rules, kept, one);
    append(collisions, diagnostics);
    return [planStep(backend, kernel, kernel.rules.plan(wanted.ruleset), wanted)];
  });
  const machine = await planMachine(host, withSteps(desired, families), kernels, lock.signal);
  return {
    families,
    settings: machine.settings,
    flows: machine.flows,
    diagnostics: [
      ...kernels.flatMap(({ diagnostics }) => diagnostics),
      ...collisions,
      ...machine.diagnostics,
    ],
  };
}

/** What the steps load: without the addresses that kept Services have. */
function withSteps(desired: Desired, families: readonly FamilyStep[]): Desired {
  return { ...desired, compiled: families.flatMap(({ wanted }) => wanted ?? []) };
}

/** Plans and applies. `show` gets the steps before the first one is carried out. */
export async function applyDesired(
  options: ApplyOptions,
  desired: Desired,
  show: (steps: ApplySteps) => Promise<void> = async () => {},
): Promise<Applied> {
  const { host, lock } = options;
  const families = desired.compiled.map(({ ruleset }) => ruleset.family);
  return withLocks(host, families, lock, async () => {
    const started = systemClock.now();
    const steps = await planApply(options, desired);
    await show(steps);
    const kernels = steps.families.map(({ kernel }) => kernel);
    const wanted = withSteps(desired, steps.families);
    return carryOut(options, steps, started, {
      load: (step) => loadDesired(options, step),
      staleFlows: async (refused) =>
        (await staleFlowsOf(host, wanted, kernels, refused, lock.signal)).stale,
    });
  });
}

async function loadDesired(options: ApplyOptions, step: FamilyStep): Promise<LoadedFamily> {
  const { kernel, plan, wanted } = step;
  if (wanted === undefined)
    return { plan, loads: 0, refused: [], diagnostics: [], verify: async () => {} };
  const target = { ...loadTarget(options, kernel.family), prepared: step };
  const loaded = await loadWithQuarantine(target, kernel, wanted.ruleset);
  return {
    plan: loaded.plan,
    loads: loaded.sent.length,
    refused: loaded.refused.map(({ origin }) => origin),
    diagnostics: refusalDiagnostics(loaded.refused),
    verify: () => verifyRuleset(target, kernel, loaded.applied),
  };
}
