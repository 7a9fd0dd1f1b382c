/**
 * Removes everything of ours from a machine: the rules of all modes and variants, and the settings
 * that they needed. What cannot be read or removed is reported and does not hinder the rest.
 */

import { BACKENDS } from '../backends/index.js';
import type { KeptChain, RemovalOptions, RemovalStep, Removals } from '../backends/kernel.js';
import { mergeRemovals, NOTHING_TO_REMOVE, partFailure } from '../backends/removals.js';
import type { Diagnostic } from '../diagnostics.js';
import { ContentionError, LoadError, ToolError, type VipcError } from '../errors.js';
import type { Host } from '../host/host.js';
import { throwIfInterrupted } from '../host/interruption.js';
import { checkRights, hasIpv6 } from '../host/rights.js';
import type { Family } from '../net/ip.js';
import type { HostChange } from '../plan/types.js';
import type { BackendName } from '../ruleset/types.js';
import { defaultFailedFolder, keepFailedInput } from './failed-input.js';
import { type UndoneSettings, undoSettings } from './host-settings.js';
import { rememberedChanges } from './host-state.js';
import { type LockOptions, withLocks } from './lock.js';
import { forgetProfiles } from './profile-state.js';

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
  /** What vipc set on the machine for its rules; restored unless it was changed since. */
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
  const { steps, kept, failures, unseen } = await planRemovals(host, options);
  const settings = takesAll(options) ? await rememberedChanges(host) : [];
  return { steps, kept, settings, diagnostics: leftDiagnostics(failures, unseen) };
}

/**
 * Does it, and returns what was done. Holds the lock of `vipc apply`. Reads everything again
 * afterwards and removes what came back. Throws ContentionError where it comes back every time: a
 * kube-proxy or an agent is running. Throws the failure where nothing could be done.
 *
 * Sysctls are restored first, and also where rules stay: with route_localnet set and the rule that
 * guards it gone, 127.0.0.0/8 would be open to the network. nfacct objects go last, because the
 * kernel keeps those that rules use.
 */
export async function cleanUp(host: Host, options: CleanupOptions): Promise<Cleanup> {
  return withLocks(host, options.families, options.lock, async () => {
    const undo = (kind: HostChange['kind']): Promise<UndoneSettings> | UndoneSettings =>
      takesAll(options) ? undoSettings(host, kind) : { undone: [], diagnostics: [] };
    const sysctls = await undo('sysctl');
    const { done, kept, failures, unseen } = await removeRules(host, options);
    const objects = await undo('nfacct');
    if (takesAll(options)) await forgetProfiles(host);
    const settings = [...sysctls.undone, ...objects.undone];
    if (failures.length > 0 && done.length + settings.length === 0) throw oneFailure(failures);
    return {
      steps: done,
      kept,
      settings,
      diagnostics: [
        ...leftDiagnostics(failures, unseen),
        ...sysctls.diagnostics,
        ...objects.diagnostics,
      ],
    };
  });
}

/** The first failure; where programs are missing, one error that names those of all parts. */
function oneFailure([first, ...others]: readonly VipcError[]): VipcError | undefined {
  if (!(first instanceof ToolError) || others.length === 0) return first;
  const said = (field: 'message' | 'hint'): string =>
    [...new Set([first, ...others].map((error) => error[field]))].filter(Boolean).join('; ');
  return new ToolError(said('message'), first.tool, { hint: said('hint') });
}

interface Removed extends Omit<Removals, 'steps'> {
  readonly done: readonly RemovalStep[];
}

/** Runs the steps, and those of what came back, until none is left but the ones that failed. */
async function removeRules(host: Host, options: CleanupOptions): Promise<Removed> {
  const done: RemovalStep[] = [];
  /** Why steps failed for good, by the place that they change. */
  const refused = new Map<string, VipcError>();
  const unanswered = new Map<string, VipcError>();
  for (let attempt = 1; ; attempt++) {
    const { steps, failures, ...found } = await planRemovals(host, options, unanswered);
    const open = steps.filter((step) => !refused.has(placeOf(step)));
    if (open.length === 0) {
      const left = steps.flatMap((step) => refused.get(placeOf(step)) ?? []);
      return { ...found, done, failures: [...failures, ...left] };
    }
    if (attempt > ATTEMPTS) throw cameBack();
    for (const step of open) {
      throwIfInterrupted(options.lock.signal);
      const outcome = await run(host, step, options, attempt < ATTEMPTS);
      if (outcome === 'done') done.push(step);
      else if (outcome !== 'again') refused.set(placeOf(step), outcome);
    }
  }
}

function placeOf(step: RemovalStep): string {
  return step.kind === 'table' ? step.name : `${step.family} ${step.tools.variant}`;
}

function leftDiagnostics(
  failures: readonly VipcError[],
  unseen: readonly VipcError[],
): readonly Diagnostic[] {
  return [
    ...failures.map(
      ({ message, hint }) =>
        ({
          code: 'cleanup-incomplete',
          severity: 'error',
          message: `left as it was: ${message}`,
          ...(hint === '' ? {} : { hint }),
        }) as const,
    ),
    ...unseen.map(
      ({ message }) =>
        ({
          code: 'cleanup-unseen',
          severity: 'note',
          message: `not looked at: ${message}`,
        }) as const,
    ),
  ];
}

/** Whether no rules are left afterwards that settings were made for. */
function takesAll({ families, iptables, modes }: CleanupOptions): boolean {
  const whole = iptables === undefined && modes === undefined;
  return whole && families.includes('IPv4') && families.includes('IPv6');
}

/**
 * The removals of all modes. What cannot be read counts as empty, unless its mode was named or
 * no mode has any program.
 */
async function planRemovals(
  host: Host,
  options: CleanupOptions,
  unanswered: Map<string, VipcError> = new Map(),
): Promise<Removals> {
  await checkRights(host);
  const families = await usableFamilies(host, options.families);
  const parts: Removals[] = [];
  const unseen: VipcError[] = [];
  for (const { name, kernel } of Object.values(BACKENDS)) {
    if (options.modes?.includes(name) === false) continue;
    try {
      const part = await kernel.planRemovals(host, families, {
        ...removalOptions(options),
        unanswered,
      });
      parts.push(isNamed(name, options) ? withUnseenAsFailures(part) : part);
    } catch (error) {
      const failure = partFailure(error);
      if (!isNamed(name, options)) unseen.push(failure);
      else parts.push({ ...NOTHING_TO_REMOVE, failures: [failure] });
    }
  }
  const all = mergeRemovals([...parts, { ...NOTHING_TO_REMOVE, unseen }]);
  return parts.length === 0 ? withUnseenAsFailures(all) : all;
}

function withUnseenAsFailures(found: Removals): Removals {
  return { ...found, failures: [...found.failures, ...found.unseen], unseen: [] };
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
    return partFailure(error);
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
