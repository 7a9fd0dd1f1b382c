/**
 * What one apply does from beginning to end, however it was given: read, settings, load, settings, verify, flows.
 * Nothing is changed before everything has been read and planned.
 */

import type { Backend } from '../backends/backend.js';
import type { KernelState, ReadOptions } from '../backends/kernel.js';
import type { Diagnostic } from '../diagnostics.js';
import type { StaleFlow } from '../flows/stale-flows.js';
import type { Host } from '../host/host.js';
import type { NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan, HostChange } from '../plan/types.js';
import { serviceOf } from '../ruleset/origin.js';
import { deleteFlows } from './conntrack.js';
import { applySettings } from './host-settings.js';
import { type LockOptions, throwIfInterrupted } from './lock.js';
import type { QuarantineTarget } from './quarantine.js';

export interface ApplyOptions {
  readonly host: Host;
  readonly backend: Backend;
  readonly lock: LockOptions;
  /** Milliseconds that one run of the tool may take. */
  readonly timeout: number;
  readonly failedFolder: string;
  readonly iptables?: 'nft' | 'legacy';
  readonly verify: boolean;
}

/** One family, as it was found and what is to become of it. */
export interface FamilyStep {
  readonly kernel: KernelState;
  readonly plan: FamilyPlan;
  /** What the tool is given; `''` for nothing. */
  readonly input: string;
}

/** Everything that would be done. */
export interface ApplySteps {
  readonly families: readonly FamilyStep[];
  readonly settings: readonly HostChange[];
  readonly flows: readonly StaleFlow[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that was done; the plans are of what was loaded. */
export interface Applied extends ApplySteps {
  /** How often the tool was started with something to load. */
  readonly loads: number;
  readonly deletedFlows: number;
  /** Milliseconds. */
  readonly times: { readonly read: number; readonly load: number; readonly verify: number };
}

/** How a family was loaded. */
export interface Loaded {
  /** What was changed: without what was refused. */
  readonly plan: FamilyPlan;
  readonly loads: number;
  /** Origins of Service ports that keep the rules that they had. */
  readonly refused: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Reads back; throws VerifyError. */
  readonly check: () => Promise<void>;
}

/** How the steps are carried out. */
export interface Hands {
  readonly load: (step: FamilyStep) => Promise<Loaded>;
  /**
   * The flows that are stale once everything is loaded: also those that began while it was. Those of the given
   * Services stay, because their rules did.
   */
  readonly staleFlows: (leave: ReadonlySet<NamespacedName>) => Promise<readonly StaleFlow[]>;
}

/** Settings, rules and flows, in the order that leaves nothing open in between. */
export async function carryOut(
  options: ApplyOptions,
  steps: ApplySteps,
  started: number,
  { load, staleFlows }: Hands,
): Promise<Applied> {
  const { host, verify, lock } = options;
  const read = performance.now() - started;
  const before = await applySettings(host, steps.settings, 'before');
  const loaded: Loaded[] = [];
  const families: FamilyStep[] = [];
  for (const step of steps.families) {
    throwIfInterrupted(lock.signal);
    // Where nothing differs, nothing is started.
    const done = step.input === '' ? undefined : await load(step);
    if (done !== undefined) loaded.push(done);
    const same = done === undefined || done.plan === step.plan;
    families.push(same ? step : stepOf(options.backend, step.kernel, done.plan));
  }
  const after = await applySettings(host, steps.settings, 'after');
  const done = performance.now();
  if (verify) for (const { check } of loaded) await check();
  const end = performance.now();
  const refused = loaded.flatMap((one) => one.refused);
  const stale =
    loaded.length === 0 ? steps.flows : await staleFlows(new Set(refused.map(serviceOf)));
  const flows = await deleteFlows(host, stale);
  return {
    ...steps,
    families,
    flows: stale,
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
export async function readKernels(
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
    kernels.push(await options.backend.kernel.read(options.host, family, read));
  }
  return kernels;
}

/** A step that carries out a plan. */
export function stepOf(backend: Backend, kernel: KernelState, plan: FamilyPlan): FamilyStep {
  return { kernel, plan, input: backend.input(plan, kernel.tools) };
}

/** Where the rules of a family are loaded. */
export function targetOf({
  host,
  backend,
  lock,
  timeout,
  failedFolder,
}: ApplyOptions): QuarantineTarget {
  const { signal } = lock;
  return {
    host,
    backend,
    failedFolder,
    timeout,
    lockTimeout: lock.timeout,
    signal,
  };
}
