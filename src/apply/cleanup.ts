/**
 * Takes everything of ours off a machine: the rules of both iptables variants, the tables of mode nftables, and what
 * was set for them. Everything is read before anything is changed, so what cannot be read whole changes nothing.
 */

import { readTables } from '../backends/iptables/kernel/read.js';
import { restore } from '../backends/iptables/kernel/restore.js';
import { findTools } from '../backends/iptables/kernel/tools.js';
import { planRemoval } from '../backends/iptables/removal.js';
import { restoreInput } from '../backends/iptables/restore-input.js';
import type { Tools, Variant } from '../backends/kernel.js';
import { tableName } from '../backends/nftables/ownership.js';
import {
  familiesWithTable,
  removalArguments,
  TABLE_QUESTION,
} from '../backends/nftables/removal.js';
import { outputOf } from '../backends/tool-failure.js';
import type { Diagnostic } from '../diagnostics.js';
import { ContentionError, LoadError, ToolError } from '../errors.js';
import type { Host } from '../host/host.js';
import { checkRights, hasIpv6 } from '../host/rights.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan, HostChange } from '../plan/types.js';
import type { BackendName } from '../ruleset/types.js';
import { defaultFailedFolder, keepFailedInput } from './failed-input.js';
import { undoSettings } from './host-settings.js';
import { rememberedChanges } from './host-state.js';
import { type LockOptions, throwIfInterrupted, withLocks } from './lock.js';

const MODES: readonly BackendName[] = ['iptables', 'nftables'];

export interface CleanupOptions {
  readonly families: readonly Family[];
  /** Only this variant; absent: both. */
  readonly iptables?: 'nft' | 'legacy';
  /** The modes whose rules go; absent: all of them. */
  readonly modes?: readonly BackendName[];
  readonly lock: LockOptions;
}

/** One command that takes something of ours away. */
export type CleanupStep =
  /** The chains and jumps that one variant holds in one family: input for its restore program. */
  | {
      readonly kind: 'rules';
      readonly family: Family;
      readonly tools: Tools;
      readonly plan: FamilyPlan;
      readonly input: string;
    }
  /** The table of mode nftables in one family: `nft delete table` with this name. */
  | { readonly kind: 'table'; readonly family: Family; readonly name: string };

/** What is to be done, or was done. */
export interface Cleanup {
  readonly steps: readonly CleanupStep[];
  /** What vipc set on the machine for its rules; taken back where nobody has changed it since. */
  readonly settings: readonly HostChange[];
  /** Our chains that stay, emptied, because foreign rules jump to them. */
  readonly kept: readonly KeptChain[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A chain of ours that cannot be deleted. */
export interface KeptChain {
  readonly family: Family;
  readonly variant: Variant;
  readonly table: string;
  readonly chain: string;
  /** The foreign rule. */
  readonly by: string;
}

/** Milliseconds. Deleting 50,000 chains takes iptables-nft-restore some seconds. */
const RESTORE_TIMEOUT = 180_000;

/** Each time somebody else may have moved the rules between reading and loading; who does it for ever is running. */
const ATTEMPTS = 3;

/** What {@link cleanUp} would do now. Changes nothing, and makes no table by looking. */
export async function planCleanup(host: Host, options: CleanupOptions): Promise<Cleanup> {
  const found = await planRemovals(host, options);
  const settings = takesAll(options) ? await rememberedChanges(host) : [];
  return { ...found, settings, diagnostics: [] };
}

/**
 * Does it, and returns all that was done. Under the lock that `vipc apply` takes; afterwards everything is read again,
 * and what came back meanwhile is removed once more. Throws ContentionError where it comes back for ever: a kube-proxy
 * or an agent is running.
 */
export async function cleanUp(host: Host, options: CleanupOptions): Promise<Cleanup> {
  return withLocks(host, options.families, options.lock, async () => {
    const done: CleanupStep[] = [];
    let found = await planRemovals(host, options);
    for (let attempt = 1; found.steps.length > 0; attempt++) {
      if (attempt > ATTEMPTS) throw cameBack();
      for (const step of found.steps) {
        throwIfInterrupted(options.lock.signal);
        if (await ranWell(host, step, options, attempt < ATTEMPTS)) done.push(step);
      }
      found = await planRemovals(host, options);
    }
    // Only now: rules that are left would still need them.
    const { undone, diagnostics } = takesAll(options)
      ? await undoSettings(host)
      : { undone: [], diagnostics: [] };
    return { steps: done, kept: found.kept, settings: undone, diagnostics };
  });
}

/** Whether no rules are left afterwards that settings were made for. */
function takesAll({ families, iptables, modes }: CleanupOptions): boolean {
  const whole = iptables === undefined && modes === undefined;
  return whole && families.includes('IPv4') && families.includes('IPv6');
}

type Removals = Pick<Cleanup, 'steps' | 'kept'>;

async function planRemovals(host: Host, options: CleanupOptions): Promise<Removals> {
  await checkRights(host);
  const families = await usableFamilies(host, options.families);
  const wanted = new Set(options.modes ?? MODES);
  const tables = wanted.has('nftables') ? await nftTables(host, families) : [];
  const named = options.modes !== undefined;
  const found = await Promise.all(
    (wanted.has('iptables') ? families : []).map((family) =>
      iptablesSteps(host, family, options, tables !== undefined && !named),
    ),
  );
  if (tables === undefined && named)
    throw new ToolError('the program nft does not answer', 'nft', { hint: 'install nftables' });
  return {
    steps: [...found.flatMap(({ steps }) => steps), ...(tables ?? [])],
    kept: found.flatMap(({ kept }) => kept),
  };
}

/** A transaction that failed changed nothing in its table, and rules may have moved: it is worth another look. */
async function ranWell(
  host: Host,
  step: CleanupStep,
  { lock }: CleanupOptions,
  isWorthAnother: boolean,
): Promise<boolean> {
  if (step.kind === 'table') {
    const command = { command: 'nft', args: removalArguments(step.family) };
    const result = await host.run(command);
    if (result.kind === 'exited' && result.code !== 0 && isWorthAnother) return false;
    outputOf('nft', result);
    return true;
  }
  const { family, tools, input } = step;
  const times = { lockTimeout: lock.timeout, timeout: RESTORE_TIMEOUT };
  const fault = await restore(host, tools, input, times);
  if (fault === undefined) return true;
  if (isWorthAnother) return false;
  const file = await keepFailedInput(host, defaultFailedFolder(host), family, input);
  throw new LoadError(
    `the rules cannot be removed: ${tools.restore} says ${JSON.stringify(fault.reason)}`,
    { reason: fault.reason, line: fault.lines[0] ?? '', file },
    { hint: file === '' ? '' : `its input is kept in ${file}` },
  );
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

async function iptablesSteps(
  host: Host,
  family: Family,
  options: CleanupOptions,
  isOptional: boolean,
): Promise<Removals> {
  const { signal } = options.lock;
  const plans = await Promise.all(
    (await installed(host, family, options.iptables, isOptional)).map(async (tools) => {
      const { dump } = await readTables(host, tools, family, { signal });
      return { tools, plan: planRemoval(dump, family) };
    }),
  );
  return {
    steps: plans.flatMap(({ tools, plan }) => {
      const input = restoreInput(plan, tools);
      return input === '' ? [] : { kind: 'rules', family, tools, plan, input };
    }),
    kept: plans.flatMap(({ plan, tools: { variant } }) =>
      plan.pinned.map((pin) => ({ ...pin, family, variant })),
    ),
  };
}

/** The variants to look into. A machine with nft alone needs no iptables. */
async function installed(
  host: Host,
  family: Family,
  wanted: CleanupOptions['iptables'],
  isOptional: boolean,
): Promise<readonly Tools[]> {
  try {
    const { nf_tables, legacy } = await findTools(host, family);
    const found = { nft: nf_tables, legacy };
    if (wanted === undefined) return [nf_tables, legacy].filter((tools) => tools !== undefined);
    const tools = found[wanted];
    if (tools !== undefined) return [tools];
    throw new ToolError(`no iptables of the variant ${wanted} is installed`, `iptables-${wanted}`);
  } catch (error) {
    if (error instanceof ToolError && isOptional && wanted === undefined) return [];
    throw error;
  }
}

/** The steps for the tables of mode nftables; `undefined` where there is no nft that answers. */
async function nftTables(
  host: Host,
  families: readonly Family[],
): Promise<readonly CleanupStep[] | undefined> {
  const result = await host.run({ command: 'nft', args: TABLE_QUESTION });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  return familiesWithTable(result.stdout, families).map((family) => ({
    kind: 'table',
    family,
    name: tableName(family),
  }));
}
