/** Applies the rules for a set of objects, for the command line: planned from the kernel, quarantined where refused. */

import type { ProxyConfig } from '../config/types.js';
import type { Model, NamespacedName } from '../model/types.js';
import type { Ruleset } from '../ruleset/types.js';
import {
  type Applied,
  type ApplyOptions,
  type ApplySteps,
  carryOut,
  type FamilyStep,
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
    const wanted = kernel.reading.keepServices(ruleset, incomplete);
    return [stepOf(backend, kernel, kernel.reading.plan(wanted))];
  });
  const settings = await planSettings(host, {
    config: desired.config,
    rulesets: desired.compiled.map(({ ruleset }) => ruleset),
    localhostNodePorts: desired.compiled.some(({ model }) => model.context.localhostNodePorts),
  });
  const flows = await findStaleFlows(
    host,
    desired.compiled.map(({ model }) => model),
    {
      localAddresses: interfaceAddresses(host.interfaces()),
      previous: kernels.flatMap(({ reading, family }) => reading.frontends(family)),
      leave: incomplete,
    },
    options.lock.signal,
  );
  return {
    families,
    settings,
    flows: flows.stale,
    diagnostics: [...kernels.flatMap(({ diagnostics }) => diagnostics), ...flows.diagnostics],
  };
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
    return carryOut(options, steps, started, async (step) => {
      const { kernel, plan } = step;
      const ruleset = desired.compiled.find(
        (compiled) => compiled.ruleset.family === plan.family,
      )?.ruleset;
      if (ruleset === undefined) return { plan, loads: 0, diagnostics: [], check: async () => {} };
      const target = { ...targetOf(options), prepared: step };
      const wanted = kernel.reading.keepServices(ruleset, desired.incomplete ?? NONE);
      const settled = await settle(target, kernel, wanted);
      return {
        plan: settled.plan,
        loads: settled.sent.length,
        diagnostics: refusalDiagnostics(settled.refused),
        check: () => verifyRuleset(target, kernel, settled.applied),
      };
    });
  });
}
