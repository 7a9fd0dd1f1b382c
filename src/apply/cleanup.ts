/**
 * Takes everything of ours off a machine: the rules of both iptables variants, the tables of mode nftables, and what
 * was set for them. Everything is read before anything is changed, so what cannot be read whole changes nothing.
 */

import { restoreInput } from '../backends/iptables/load.js';
import { planRemoval } from '../backends/iptables/removal.js';
import type { Diagnostic } from '../diagnostics.js';
import { LockError, ToolError } from '../errors.js';
import type { Command, Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import { type LockOptions, throwIfInterrupted, withLocks } from './lock.js';
import { checkRights, hasIpv6, readAgain } from './read-kernel.js';
import { findTools, outputOf, type Tools, type Variant } from './tools.js';

export interface CleanupOptions {
  readonly families: readonly Family[];
  /** Only this variant; absent: both. */
  readonly iptables?: 'nft' | 'legacy';
  readonly lock: LockOptions;
}

/** One command that takes something of ours away. */
export type CleanupStep =
  /** The chains and jumps that one variant holds in one family. */
  | {
      readonly kind: 'rules';
      readonly family: Family;
      readonly variant: Variant;
      readonly plan: FamilyPlan;
      readonly command: Command;
    }
  /** The table of mode nftables in one family. */
  | { readonly kind: 'table'; readonly family: Family; readonly command: Command };

/** What is to be done, or was done. */
export interface Cleanup {
  readonly steps: readonly CleanupStep[];
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

/** The table that mode nftables has in each family, as nft names it. */
const TABLES: Readonly<Record<Family, string>> = {
  IPv4: 'ip kube-proxy',
  IPv6: 'ip6 kube-proxy',
};

/** Milliseconds. Deleting 50,000 chains takes iptables-nft-restore some seconds. */
const RESTORE_TIMEOUT = 180_000;

/** Each time somebody else may have moved the rules between reading and loading; who does it for ever is running. */
const ATTEMPTS = 3;

/** What {@link cleanUp} would do now. Changes nothing, and makes no table by looking. */
export async function planCleanup(host: Host, options: CleanupOptions): Promise<Cleanup> {
  await checkRights(host);
  const families = await usableFamilies(host, options.families);
  const nft = await nftTables(host, families);
  const found = await Promise.all(
    families.map((family) => iptablesSteps(host, family, options, nft !== undefined)),
  );
  const all = [...found, { steps: nft ?? [], kept: [], diagnostics: [] }];
  return {
    steps: all.flatMap(({ steps }) => steps),
    kept: all.flatMap(({ kept }) => kept),
    diagnostics: all.flatMap(({ diagnostics }) => diagnostics),
  };
}

/**
 * Does it, and returns all that was done. Under the lock that `vipc apply` takes; afterwards everything is read again,
 * and what came back meanwhile is removed once more. Throws LockError where it comes back for ever: a kube-proxy or an
 * agent is running.
 */
export async function cleanUp(host: Host, options: CleanupOptions): Promise<Cleanup> {
  return withLocks(host, options.families, options.lock, async () => {
    let cleanup = await planCleanup(host, options);
    const done: CleanupStep[] = [];
    for (let attempt = 1; cleanup.steps.length > 0; attempt++) {
      if (attempt > ATTEMPTS) throw cameBack();
      for (const step of cleanup.steps) {
        throwIfInterrupted(options.lock.signal);
        if (await ranWell(host, step, attempt)) done.push(step);
      }
      cleanup = await planCleanup(host, options);
    }
    return { ...cleanup, steps: done };
  });
}

/** A transaction that failed changed nothing; the rules may have moved, so all but the last failure is tried anew. */
async function ranWell(host: Host, { command }: CleanupStep, attempt: number): Promise<boolean> {
  const result = await host.run(command);
  if (result.kind === 'exited' && result.code !== 0 && attempt < ATTEMPTS) return false;
  outputOf(command.command, result);
  return true;
}

function cameBack(): LockError {
  return new LockError('the rules come back while they are being removed', '', {
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
): Promise<Cleanup> {
  const tools = await installed(host, family, options.iptables, isOptional);
  const { signal } = options.lock;
  const plans = await Promise.all(
    tools.map(async (one) => {
      const state = await readAgain(
        host,
        { family, tools: one },
        signal === undefined ? {} : { signal },
      );
      return { tools: one, plan: planRemoval(state.dump, family) };
    }),
  );
  return {
    steps: plans.flatMap((found) => ruleStep(family, found.tools, found.plan)),
    kept: plans.flatMap(({ plan, tools: { variant } }) =>
      plan.pinned.map((pin) => ({ ...pin, family, variant })),
    ),
    diagnostics: [],
  };
}

function ruleStep(family: Family, tools: Tools, plan: FamilyPlan): readonly CleanupStep[] {
  const { variant, restore } = tools;
  const input = restoreInput(plan, { variant });
  if (input === '') return [];
  const args = ['--noflush', ...(variant === 'legacy' ? ['-w', '5'] : [])];
  const command = { command: restore, args, input, bytes: true, timeout: RESTORE_TIMEOUT };
  return [{ kind: 'rules', family, variant, plan, command }];
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
  const result = await host.run({ command: 'nft', args: ['list', 'tables'] });
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  const names = new Set(result.stdout.split('\n').map((line) => line.trim()));
  return families
    .filter((family) => names.has(`table ${TABLES[family]}`))
    .map((family) => {
      const args = ['delete', 'table', ...TABLES[family].split(' ')];
      return { kind: 'table', family, command: { command: 'nft', args } };
    });
}
