/** Removes everything of ours from the tables of iptables, in each variant that the machine has. */

import { InterruptedError, ToolError, VipcError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { LoadFault, RemovalOptions, RemovalStep, Removals, Tools } from '../../kernel.js';
import { planRemoval } from '../plan.js';
import { restoreInput } from '../restore-input.js';
import { OUR_TABLES, readTables } from './read.js';
import { remembered } from './remembered.js';
import { loadText } from './restore.js';
import { findTools } from './tools.js';

/** Milliseconds. Deleting 50,000 chains takes iptables-nft-restore some seconds. */
const RESTORE_TIMEOUT = 180_000;

/**
 * The restore inputs that remove our chains and jumps. A table that cannot be read is a failure and
 * does not hinder the others. Throws ToolError where the machine has no iptables.
 */
export async function planRemovals(
  host: Host,
  families: readonly Family[],
  options: RemovalOptions,
): Promise<Removals> {
  const installed = await Promise.all(
    families.map(async (family) =>
      (await toolsOf(host, family, options)).map((tools) => ({ family, tools })),
    ),
  );
  const found = await Promise.all(
    installed.flat().map(({ family, tools }) => plannedIn(host, family, tools, options)),
  );
  return {
    steps: found.flatMap(({ steps }) => steps),
    kept: found.flatMap(({ kept }) => kept),
    failures: found.flatMap(({ failures }) => failures),
  };
}

/**
 * Each table is read on its own: one that holds what iptables cannot print does not hide the
 * others.
 */
async function plannedIn(
  host: Host,
  family: Family,
  tools: Tools,
  { signal }: RemovalOptions,
): Promise<Removals> {
  const { variant } = tools;
  const read = await Promise.allSettled(
    OUR_TABLES.map((table) => readTables(host, tools, family, { tables: [table], signal })),
  );
  const tables = new Map(
    read.flatMap((one) => (one.status === 'fulfilled' ? [...one.value.dump.tables] : [])),
  );
  const plan = planRemoval({ tables }, family, await remembered(host, family));
  const input = restoreInput(plan, tools);
  return {
    steps: input === '' ? [] : [{ kind: 'rules', mode: 'iptables', family, tools, plan, input }],
    kept: plan.pinned.map((pin) => ({ ...pin, family, variant })),
    failures: read.flatMap((one) => (one.status === 'rejected' ? failureOf(one.reason) : [])),
  };
}

/** The error as a failure of a part; throws what concerns the whole. */
function failureOf(error: unknown): VipcError {
  if (error instanceof VipcError && !(error instanceof InterruptedError)) return error;
  throw error;
}

async function toolsOf(
  host: Host,
  family: Family,
  { iptables }: RemovalOptions,
): Promise<readonly Tools[]> {
  const { nf_tables, legacy } = await findTools(host, family);
  if (iptables === undefined) return [nf_tables, legacy].filter((tools) => tools !== undefined);
  const tools = { nft: nf_tables, legacy }[iptables];
  if (tools !== undefined) return [tools];
  throw new ToolError(
    `no iptables of the variant ${iptables} is installed`,
    `iptables-${iptables}`,
  );
}

/** Runs one step; `undefined`, or why its table is as before. */
export async function remove(
  host: Host,
  step: RemovalStep,
  { lockTimeout }: RemovalOptions,
): Promise<LoadFault | undefined> {
  if (step.kind !== 'rules') return undefined;
  return loadText(host, step.tools, step.input, { lockTimeout, timeout: RESTORE_TIMEOUT });
}
