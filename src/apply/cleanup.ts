/**
 * Removes everything of ours from a machine: the rules of all modes and variants, and the settings
 * that they needed. What cannot be read or removed is reported and does not hinder the rest.
 */

import { BACKENDS } from '../backends/index.js';
import type { KeptChain, RemovalOptions, RemovalStep, Removals } from '../backends/kernel.js';
import type { Diagnostic } from '../diagnostics.js';
import { ContentionError, InterruptedError, LoadError, ToolError, VipcError } from '../errors.js';
import type { Host } from '../host/host.js';
import { checkRights, hasIpv6 } from '../host/rights.js';
import type { Family } from '../net/ip.js';
import type { HostChange } from '../plan/types.js';
import type { BackendName } from '../ruleset/types.js';
import { defaultFailedFolder, keepFailedInput } from './failed-input.js';
import { undoSettings } from './host-settings.js';
import { rememberedChanges } from './host-state.js';
import { type LockOptions, throwIfInterrupted, withLocks } from './lock.js';

export type { KeptChain, RemovalStep } from '../backends/kernel.js';

export interface CleanupOptions {
  readonly families: readonly Family[];
  /** Only this variant of iptables; absent: both. */
  readonly iptables?: 'nft' | 'legacy' | undefined;
  /** The modes whose rules are removed; absent: all. */
  readonly modes?: readonly BackendName[] | undefined;
  readonly lock: LockOptions;
}

/** What is to be done, or was done. */
export interface Cleanup {
  readonly steps: readonly RemovalStep[];
  /** What vipc set on the machine for its rules; restored where nobody has changed it since. */
  readonly settings: readonly HostChange[];
  /** Our chains that stay, emptied, because foreign rules jump to them. */
  readonly kept: readonly KeptChain[];
  /** What is left, and why. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Rules may change between reading and loading; an agent that runs writes them back every time. */
const ATTEMPTS = 3;

/** What {@link cleanUp} would do now. Changes nothing, and creates no table by reading. */
export async function planCleanup(host: Host, options: CleanupOptions): Promise<Cleanup> {
  const { steps, kept, failures } = await planRemovals(host, options);
  const settings = takesAll(options) && failures.length === 0 ? await rememberedChanges(host) : [];
  return { steps, kept, settings, diagnostics: failures.map(leftDiagnostic) };
}

/**
 * Does it, and returns what was done. Holds the lock of `vipc apply`. Reads everything again
 * afterwards and removes what came back. Throws ContentionError where it comes back every time: a
 * kube-proxy or an agent is running. Throws the first failure where nothing could be removed.
 */
export async function cleanUp(host: Host, options: CleanupOptions): Promise<Cleanup> {
  return withLocks(host, options.families, options.lock, async () => {
    const done: RemovalStep[] = [];
    /** Why steps failed for good, by the place that they change. */
    const refused = new Map<string, VipcError>();
    let found = await planRemovals(host, options);
    for (let attempt = 1; ; attempt++) {
      const steps = found.steps.filter((step) => !refused.has(placeOf(step)));
      if (steps.length === 0) break;
      if (attempt > ATTEMPTS) throw cameBack();
      for (const step of steps) {
        throwIfInterrupted(options.lock.signal);
        const outcome = await run(host, step, options, attempt < ATTEMPTS);
        if (outcome === 'done') done.push(step);
        else if (outcome !== 'again') refused.set(placeOf(step), outcome);
      }
      found = await planRemovals(host, options);
    }
    const failures = [
      ...found.failures,
      ...found.steps.flatMap((step) => refused.get(placeOf(step)) ?? []),
    ];
    const [first] = failures;
    if (first !== undefined && done.length === 0) throw first;
    // Last: rules that are left still need them.
    const { undone, diagnostics } =
      takesAll(options) && first === undefined
        ? await undoSettings(host)
        : { undone: [], diagnostics: [] };
    return {
      steps: done,
      kept: found.kept,
      settings: undone,
      diagnostics: [...failures.map(leftDiagnostic), ...diagnostics],
    };
  });
}

function placeOf(step: RemovalStep): string {
  return step.kind === 'table' ? step.name : `${step.family} ${step.tools.variant}`;
}

function leftDiagnostic({ message, hint }: VipcError): Diagnostic {
  return {
    code: 'cleanup-incomplete',
    severity: 'error',
    message: `left as it was: ${message}`,
    ...(hint === '' ? {} : { hint }),
  };
}

/** Whether no rules are left afterwards that settings were made for. */
function takesAll({ families, iptables, modes }: CleanupOptions): boolean {
  const whole = iptables === undefined && modes === undefined;
  return whole && families.includes('IPv4') && families.includes('IPv6');
}

/**
 * The removals of all modes. A mode without tools holds nothing, unless it was named or no mode has
 * any.
 */
async function planRemovals(host: Host, options: CleanupOptions): Promise<Removals> {
  await checkRights(host);
  const families = await usableFamilies(host, options.families);
  const found: Removals[] = [];
  let missing: ToolError | undefined;
  for (const { name, kernel } of Object.values(BACKENDS)) {
    if (options.modes?.includes(name) === false) continue;
    try {
      found.push(await kernel.planRemovals(host, families, removalOptions(options)));
    } catch (error) {
      if (!(error instanceof ToolError) || isNamed(name, options)) throw error;
      missing ??= error;
    }
  }
  if (found.length === 0 && missing !== undefined) throw missing;
  return {
    steps: found.flatMap(({ steps }) => steps),
    kept: found.flatMap(({ kept }) => kept),
    failures: found.flatMap(({ failures }) => failures),
  };
}

function isNamed(name: BackendName, { modes, iptables }: CleanupOptions): boolean {
  return modes !== undefined || (iptables !== undefined && name === 'iptables');
}

function removalOptions({ iptables, lock }: CleanupOptions): RemovalOptions {
  return { iptables, lockTimeout: lock.timeout, signal: lock.signal };
}

/** `again`: the rules may have changed since they were read, which is worth another attempt. */
async function run(
  host: Host,
  step: RemovalStep,
  options: CleanupOptions,
  isRetried: boolean,
): Promise<'done' | 'again' | VipcError> {
  try {
    const fault = await BACKENDS[step.mode].kernel.remove(host, step, removalOptions(options));
    if (fault === undefined) return 'done';
    if (isRetried) return 'again';
    const input = step.kind === 'rules' ? step.input : '';
    const file =
      input === ''
        ? ''
        : await keepFailedInput(host, defaultFailedFolder(host), step.family, input);
    const tool = step.kind === 'rules' ? step.tools.restore : 'nft';
    return new LoadError(
      `the rules cannot be removed: ${tool} says ${JSON.stringify(fault.reason)}`,
      { reason: fault.reason, line: fault.lines[0] ?? '', file },
      { hint: file === '' ? '' : `its input is kept in ${file}` },
    );
  } catch (error) {
    if (!(error instanceof VipcError) || error instanceof InterruptedError) throw error;
    return error;
  }
}

function cameBack(): ContentionError {
  return new ContentionError('the rules come back while they are being removed', {
    hint: 'stop kube-proxy or the vipc agent first',
  });
}

async function usableFamilies(host: Host, families: readonly Family[]): Promise<readonly Family[]> {
  const ipv6 = families.includes('IPv6') && (await hasIpv6(host));
  return families.filter((family) => family === 'IPv4' || ipv6);
}
