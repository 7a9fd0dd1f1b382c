/** Applies the rules for a set of objects, for the command line: planned from the kernel, quarantined where refused. */

import type { KernelState } from '../backends/kernel.js';
import type { ProxyConfig } from '../config/types.js';
import type { Model, NamespacedName } from '../model/types.js';
import type { Ruleset } from '../ruleset/types.js';
import {
  type Applied,
  type ApplyOptions,
  type ApplySteps,
  carryOut,
  type FamilyStep,
  type Loaded,
  readKernels,
  stepOf,
  targetOf,
} from './apply-steps.js';
import { findStaleFlows, interfaceAddresses } from './conntrack.js';
import { planSettings } from './host-settings.js';
import { withLocks } from './lock.js';
import { refusalDiagnostics, settle } from './quarantine.js';
import { verifyRuleset } from './verify.js';

/** What one family should hold. */
export interface DesiredFamily {
  readonly model: Model;
  readonly ruleset: Ruleset;
}

/** What should be there. */
export interface Desired {
  readonly config: ProxyConfig;
  /** One per family. */
  readonly compiled: readonly DesiredFamily[];
  /** Services that were not understood whole: they keep the rules and the flows that they have. */
  readonly incomplete?: ReadonlySet<NamespacedName>;
}

const NONE: ReadonlySet<NamespacedName> = new Set();

/** Reads the kernel and says what an apply would do. Changes nothing. */
export async function planApply(options: ApplyOptions, desired: Desired): Promise<ApplySteps> {
  const { host, backend } = options;
  const { incomplete = NONE } = desired;
  const kernels = await readKernels(
    options,
    desired.compiled.map(({ ruleset }) => ruleset.family),
  );
  const families = desired.compiled.flatMap(({ ruleset }, i): readonly FamilyStep[] => {
    const kernel = kernels[i];
    if (kernel === undefined) return [];
    const wanted = kernel.rules.keepServices(ruleset, incomplete);
    return [stepOf(backend, kernel, kernel.rules.plan(wanted))];
  });
  const settings = await planSettings(host, {
    config: desired.config,
    rulesets: desired.compiled.map(({ ruleset }) => ruleset),
    localhostNodePorts: desired.compiled.some(({ model }) => model.context.localhostNodePorts),
  });
  const flows = await findStale(options, desired, kernels, incomplete);
  return {
    families,
    settings,
    flows: flows.stale,
    diagnostics: [...kernels.flatMap(({ diagnostics }) => diagnostics), ...flows.diagnostics],
  };
}

/** The flows that the rules in these kernels were made for, and the desired ones are not. */
function findStale(
  { host, lock }: ApplyOptions,
  { compiled }: Desired,
  kernels: readonly KernelState[],
  leave: ReadonlySet<NamespacedName>,
): ReturnType<typeof findStaleFlows> {
  const options = {
    localAddresses: interfaceAddresses(host.interfaces()),
    previous: kernels.flatMap(({ rules, family }) => rules.frontends(family)),
    leave,
  };
  const models = compiled.map(({ model }) => model);
  return findStaleFlows(host, models, options, lock.signal);
}

/** Applies what should be there. `show` is told what will be done before anything is. */
export async function applyDesired(
  options: ApplyOptions,
  desired: Desired,
  show: (steps: ApplySteps) => Promise<void> = async () => {},
): Promise<Applied> {
  const families = desired.compiled.map(({ ruleset }) => ruleset.family);
  return withLocks(options.host, families, options.lock, async () => {
    const started = performance.now();
    const steps = await planApply(options, desired);
    await show(steps);
    const { incomplete = NONE } = desired;
    const kernels = steps.families.map(({ kernel }) => kernel);
    return carryOut(options, steps, started, {
      load: (step) => loadDesired(options, desired, step),
      staleFlows: async (refused) =>
        (await findStale(options, desired, kernels, new Set([...incomplete, ...refused]))).stale,
    });
  });
}

async function loadDesired(
  options: ApplyOptions,
  { compiled, incomplete = NONE }: Desired,
  step: FamilyStep,
): Promise<Loaded> {
  const { kernel, plan } = step;
  const found = compiled.find(({ ruleset }) => ruleset.family === plan.family);
  if (found === undefined)
    return { plan, loads: 0, refused: [], diagnostics: [], check: async () => {} };
  const target = { ...targetOf(options), prepared: step };
  const wanted = kernel.rules.keepServices(found.ruleset, incomplete);
  const settled = await settle(target, kernel, wanted);
  return {
    plan: settled.plan,
    loads: settled.sent.length,
    refused: settled.refused.map(({ origin }) => origin),
    diagnostics: refusalDiagnostics(settled.refused),
    check: () => verifyRuleset(target, kernel, settled.applied),
  };
}
