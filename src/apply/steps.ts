/** What one `vipc apply` would do and has done, and how its steps are carried out. */

import type { Backend, Compilation } from '../backends/backend.js';
import type { KernelState } from '../backends/kernel.js';
import type { LoadInput } from '../backends/transaction.js';
import type { Diagnostic } from '../diagnostics.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import { throwIfInterrupted } from '../host/interruption.js';
import type { NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan, HostChange } from '../plan/types.js';
import { serviceOf } from '../ruleset/types.js';
import { deleteFlows } from './conntrack.js';
import { applySettings } from './host-settings.js';
import type { LockOptions } from './lock.js';
import type { QuarantineTarget } from './quarantine.js';
import { runStages } from './stages.js';

/** What an apply begins with, where it can take long. */
export type ApplyStage =
  | { readonly stage: 'read' }
  | {
      readonly stage: 'load';
      readonly family: Family;
      readonly input: LoadInput;
      /** Of the transaction in the input. */
      readonly index: number;
    }
  | { readonly stage: 'verify'; readonly family: Family };

export interface ApplyOptions {
  readonly host: Host;
  readonly backend: Backend;
  readonly lock: LockOptions;
  /** Milliseconds that one run of the tool may take. */
  readonly timeout: number;
  readonly failedFolder: string;
  readonly iptables?: 'nft' | 'legacy' | undefined;
  readonly verify: boolean;
  /** Called when a stage begins. */
  readonly progress?: ((stage: ApplyStage) => void) | undefined;
}

/** One family: what was read, and the plan for it. */
export interface FamilyStep {
  readonly kernel: KernelState;
  readonly plan: FamilyPlan;
  readonly input: LoadInput;
  /** What the plan was made for; absent where it comes from a file. */
  readonly wanted?: Compilation | undefined;
}

/** Everything that would be done. */
export interface ApplySteps {
  readonly families: readonly FamilyStep[];
  readonly settings: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that was done; the plans are those that were loaded. */
export interface Applied extends ApplySteps {
  /** How often the tool was started with something to load. */
  readonly loads: number;
  readonly deletedFlows: number;
  /** Milliseconds. */
  readonly times: { readonly read: number; readonly load: number; readonly verify: number };
}

/** How one family was loaded. */
export interface LoadedFamily {
  /** What was changed: without what was refused. */
  readonly plan: FamilyPlan;
  readonly loads: number;
  /** Origins of Service ports that keep their previous rules. */
  readonly refused: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Reads back; throws VerifyError. */
  readonly verify: () => Promise<void>;
}

/** The parts of an apply that differ between objects and saved plans. */
export interface Loader {
  readonly load: (step: FamilyStep) => Promise<LoadedFamily>;
  /**
   * The flows that are stale after the load, those that began meanwhile included. Flows of refused
   * Services stay, because their rules do.
   */
  readonly staleFlows: (refused: ReadonlySet<NamespacedName>) => Promise<readonly StaleFlow[]>;
}

/** Carries out the steps. `started`: when reading began, on the monotonic clock. */
export async function carryOut(
  options: ApplyOptions,
  steps: ApplySteps,
  started: number,
  { load, staleFlows }: Loader,
): Promise<Applied> {
  const { host, backend, lock, verify } = options;
  const read = systemClock.now() - started;
  let flows = steps.flows;
  let deletedFlows = 0;
  const { loaded, diagnostics, times } = await runStages<LoadedSteps>({
    settings: (when) => applySettings(host, steps.settings, when),
    load: async () => {
      const done: LoadedSteps = { families: [], loaded: [] };
      for (const step of steps.families) {
        throwIfInterrupted(lock.signal);
        // No tool is started where nothing differs.
        const family = step.input.length === 0 ? undefined : await load(step);
        if (family !== undefined) done.loaded.push(family);
        const isPlanned = family === undefined || family.plan === step.plan;
        done.families.push(
          isPlanned ? step : planStep(backend, step.kernel, family.plan, step.wanted),
        );
      }
      return done;
    },
    verify: async ({ loaded }) => {
      for (const one of verify ? loaded : []) {
        options.progress?.({ stage: 'verify', family: one.plan.family });
        await one.verify();
      }
    },
    flows: async ({ loaded }) => {
      const refused = new Set(loaded.flatMap((family) => family.refused).map(serviceOf));
      if (loaded.length > 0) flows = await staleFlows(refused);
      const deleted = await deleteFlows(host, flows);
      deletedFlows = deleted.deleted;
      return deleted.diagnostics;
    },
  });
  return {
    families: loaded.families,
    settings: steps.settings,
    flows,
    diagnostics: [
      ...steps.diagnostics,
      ...loaded.loaded.flatMap((family) => family.diagnostics),
      ...diagnostics,
    ],
    loads: loaded.loaded.reduce((sum, { loads }) => sum + loads, 0),
    deletedFlows,
    times: { read, ...times },
  };
}

interface LoadedSteps {
  readonly families: FamilyStep[];
  readonly loaded: LoadedFamily[];
}

/** A step that carries out a plan. */
export function planStep(
  backend: Backend,
  kernel: KernelState,
  plan: FamilyPlan,
  wanted?: Compilation,
): FamilyStep {
  return { kernel, plan, input: backend.input(plan, kernel.tools), wanted };
}

/** Where the rules of a family are loaded. */
export function loadTarget(options: ApplyOptions, family: Family): QuarantineTarget {
  const { host, backend, lock, timeout, failedFolder, progress } = options;
  return {
    ...{ host, backend, failedFolder, timeout, lockTimeout: lock.timeout, signal: lock.signal },
    onTransaction:
      progress && ((index, input) => progress({ stage: 'load', family, input, index })),
  };
}
