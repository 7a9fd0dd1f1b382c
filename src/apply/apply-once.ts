/**
 * One apply from beginning to end, for the command line: lock, read, plan, settings, load, settings, verify, flows.
 * Nothing is changed before everything has been read and planned.
 */

import type { Backend } from '../backends/backend.js';
import { frontendsOfDump } from '../backends/iptables/frontends.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { StalePlanError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { Compiled } from '../pipeline.js';
import type { Plan } from '../plan/plan.js';
import type { FamilyPlan, HostChange, StaleFlow } from '../plan/types.js';
import { deleteFlows, findStaleFlows, interfaceAddresses } from './conntrack.js';
import { applySettings, planSettings } from './host-settings.js';
import { type LockOptions, throwIfInterrupted, withLocks } from './lock.js';
import { type QuarantineTarget, refusalDiagnostics, settle } from './quarantine.js';
import { type KernelState, type ReadOptions, readKernel } from './read-kernel.js';
import { carryOutPlan } from './saved-plan.js';
import { verifyPlan, verifyRuleset } from './verify.js';

export interface ApplyOptions {
  readonly host: Host;
  readonly backend: Backend;
  readonly lock: LockOptions;
  /** Milliseconds that one run of iptables-restore may take. */
  readonly timeout: number;
  readonly failedFolder: string;
  readonly iptables?: 'nft' | 'legacy';
  readonly verify: boolean;
}

/** One family, as it was found and what is to become of it. */
export interface FamilyStep {
  readonly kernel: KernelState;
  readonly plan: FamilyPlan;
  /** What iptables-restore is given; `''` for nothing. */
  readonly input: string;
}

/** Everything that would be done. */
export interface ApplySteps {
  readonly families: readonly FamilyStep[];
  readonly settings: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that was done. */
export interface Applied extends ApplySteps {
  /** How often iptables-restore was started with something to load. */
  readonly loads: number;
  readonly deletedFlows: number;
  /** Milliseconds. */
  readonly times: { readonly read: number; readonly load: number; readonly verify: number };
}

/** What should be there. */
export interface Desired {
  readonly config: ProxyConfig;
  /** One per family. */
  readonly compiled: readonly Compiled[];
}

/** Reads the kernel and says what an apply would do. Changes nothing. */
export async function planApply(options: ApplyOptions, desired: Desired): Promise<ApplySteps> {
  const { host, backend } = options;
  const kernels = await readKernels(
    options,
    desired.compiled.map(({ ruleset }) => ruleset.family),
  );
  const families = desired.compiled.flatMap(({ ruleset }, i): readonly FamilyStep[] => {
    const kernel = kernels[i];
    return kernel === undefined
      ? []
      : [stepOf(backend, kernel, backend.plan(kernel.dump, ruleset))];
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
      previous: kernels.flatMap(({ dump, family }) => frontendsOfDump(dump, family)),
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
    return carryOut(options, steps, started, async ({ kernel, plan }) => {
      const ruleset = desired.compiled.find(
        (compiled) => compiled.ruleset.family === plan.family,
      )?.ruleset;
      if (ruleset === undefined) return { loads: 0, diagnostics: [], check: async () => {} };
      const target = targetOf(options);
      const settled = await settle(target, kernel, ruleset);
      return {
        loads: settled.sent.length,
        diagnostics: refusalDiagnostics(settled.refused),
        check: () => verifyRuleset(target, kernel, settled.applied),
      };
    });
  });
}

/** Reads the kernel and says what a saved plan would do now. Throws StalePlanError where the kernel has moved. */
export async function planSaved(options: ApplyOptions, saved: Plan): Promise<ApplySteps> {
  const { backend } = options;
  const kernels = await readKernels(
    { ...options, iptables: saved.variant === 'legacy' ? 'legacy' : 'nft' },
    saved.families.map(({ family }) => family),
  );
  const families = saved.families.flatMap((plan, i): readonly FamilyStep[] => {
    const kernel = kernels[i];
    if (kernel === undefined) return [];
    if (backend.fingerprint(kernel.dump) !== plan.base)
      throw new StalePlanError(
        `the ${plan.family} rules have changed since the plan was made; nothing was changed`,
        { hint: 'make a new plan with "vipc diff --out"' },
      );
    return [stepOf(backend, kernel, plan)];
  });
  return {
    families,
    settings: saved.host,
    flows: saved.flows,
    diagnostics: kernels.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Carries out a saved plan, or throws StalePlanError. A plan with a refused rule is refused as a whole, with LoadError. */
export async function applySaved(
  options: ApplyOptions,
  saved: Plan,
  show: (steps: ApplySteps) => Promise<void> = async () => {},
): Promise<Applied> {
  const families = saved.families.map(({ family }) => family);
  return withLocks(options.host, families, options.lock, async () => {
    const started = performance.now();
    const steps = await planSaved(options, saved);
    await show(steps);
    const target = targetOf(options);
    return carryOut(options, steps, started, async ({ kernel, plan, input }) => {
      if (input !== '') await carryOutPlan(target, kernel, input);
      return {
        loads: input === '' ? 0 : 1,
        diagnostics: [],
        check: () => verifyPlan(target, kernel, plan),
      };
    });
  });
}

interface Loaded {
  readonly loads: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Reads back; throws VerifyError. */
  readonly check: () => Promise<void>;
}

async function carryOut(
  options: ApplyOptions,
  steps: ApplySteps,
  started: number,
  load: (step: FamilyStep) => Promise<Loaded>,
): Promise<Applied> {
  const { host, verify, lock } = options;
  const read = performance.now() - started;
  const before = await applySettings(host, steps.settings, 'before');
  const loaded: Loaded[] = [];
  for (const step of steps.families) {
    throwIfInterrupted(lock.signal);
    // Where nothing differs, nothing is started.
    if (step.input !== '') loaded.push(await load(step));
  }
  const after = await applySettings(host, steps.settings, 'after');
  const done = performance.now();
  if (verify) for (const { check } of loaded) await check();
  const end = performance.now();
  const flows = await deleteFlows(host, steps.flows);
  return {
    ...steps,
    diagnostics: [
      ...steps.diagnostics,
      ...before,
      ...loaded.flatMap(({ diagnostics }) => diagnostics),
      ...after,
      ...flows.diagnostics,
    ],
    loads: loaded.reduce((sum, { loads }) => sum + loads, 0),
    deletedFlows: flows.deleted,
    times: { read, load: done - started - read, verify: end - done },
  };
}

/** One after the other: what IPv4 shows of the variant counts for IPv6 too. */
async function readKernels(
  options: ApplyOptions,
  families: readonly Family[],
): Promise<readonly KernelState[]> {
  const kernels: KernelState[] = [];
  for (const family of families) {
    const [other] = kernels;
    const read: ReadOptions = {
      ...(options.iptables === undefined ? {} : { iptables: options.iptables }),
      ...(other === undefined ? {} : { otherFamily: other.variant }),
      ...(options.lock.signal === undefined ? {} : { signal: options.lock.signal }),
    };
    kernels.push(await readKernel(options.host, family, read));
  }
  return kernels;
}

function stepOf(backend: Backend, kernel: KernelState, plan: FamilyPlan): FamilyStep {
  return { kernel, plan, input: backend.input(plan, { variant: kernel.variant }) };
}

function targetOf({ host, backend, lock, timeout, failedFolder }: ApplyOptions): QuarantineTarget {
  const { signal } = lock;
  return {
    host,
    backend,
    failedFolder,
    timeout,
    lockTimeout: lock.timeout,
    ...(signal === undefined ? {} : { signal }),
  };
}
