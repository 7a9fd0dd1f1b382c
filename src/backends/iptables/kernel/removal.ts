/** Removes everything of ours from the tables of iptables, in each variant that the machine has. */

import { TimeoutError, ToolError, type VipcError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { LoadFault, RemovalOptions, RemovalStep, Removals } from '../../kernel.js';
import { mergeRemovals, NOTHING_TO_REMOVE, partFailure } from '../../removals.js';
import type { Tools } from '../../tools.js';
import type { Remembered } from '../ownership.js';
import { planRemoval } from '../plan.js';
import { restoreInput } from '../restore-input.js';
import { OUR_TABLES, readTables } from './read.js';
import { remembered } from './remembered.js';
import { loadText } from './restore.js';
import { installedTools } from './tools.js';
import { VARIANT_FLAG } from './variant.js';
import { planWithoutTools } from './without-tools.js';

/** Milliseconds. Deleting 50,000 chains takes iptables-nft-restore some seconds. */
const RESTORE_TIMEOUT = 180_000;
/** Milliseconds for a table; the lock is held meanwhile. 30,000 Services take ten seconds. */
const READ_TIMEOUT = 60_000;

/**
 * The restore inputs that remove our chains and jumps. Each table of each variant and family is a
 * part of its own: what cannot be read does not hinder the others. Throws ToolError where the
 * machine has no iptables and nothing shows that rules of ours are there.
 */
export async function planRemovals(
  host: Host,
  families: readonly Family[],
  options: RemovalOptions,
): Promise<Removals> {
  const parts = await Promise.all(families.map((family) => plannedFor(host, family, options)));
  const removals = mergeRemovals(parts.map(({ removals }) => removals));
  const isBlind = parts.every(({ hasTools }) => !hasTools) && removals.failures.length === 0;
  if (isBlind && removals.unseen.length > 0) throw allMissing(removals.unseen);
  return removals;
}

/** Names the programs of every family. */
function allMissing(unseen: readonly VipcError[]): ToolError {
  const messages = [...new Set(unseen.map(({ message }) => message))];
  return new ToolError(messages.join('; '), 'iptables', {
    hint: 'install iptables where the rules may be of mode iptables',
  });
}

/** Both variants in one family, or the given one. */
async function plannedFor(
  host: Host,
  family: Family,
  options: RemovalOptions,
): Promise<{ readonly hasTools: boolean; readonly removals: Removals }> {
  const { broken, ...installed } = await installedTools(host, family);
  const known = await remembered(host, family);
  const variants = (['nf_tables', 'legacy'] as const).filter(
    (variant) => options.iptables === undefined || options.iptables === VARIANT_FLAG[variant],
  );
  const parts = await Promise.all(
    variants.map((variant) => {
      const tools = installed[variant];
      if (tools !== undefined) return plannedWith(host, tools, known, options);
      return planWithoutTools(host, { family, variant, broken }, known);
    }),
  );
  const hasTools = variants.some((variant) => installed[variant] !== undefined);
  return { hasTools, removals: mergeRemovals(parts) };
}

/**
 * Each table is read on its own: one that holds what iptables cannot print does not hide the
 * others.
 */
async function plannedWith(
  host: Host,
  tools: Tools,
  known: Remembered,
  { signal, unanswered }: RemovalOptions,
): Promise<Removals> {
  const { family, variant } = tools;
  const hung = unanswered?.get(tools.save);
  if (hung !== undefined) return { ...NOTHING_TO_REMOVE, failures: [hung] };
  const read = await Promise.allSettled(
    OUR_TABLES.map((table) =>
      readTables(host, tools, family, { tables: [table], timeout: READ_TIMEOUT, signal }),
    ),
  );
  const tables = new Map(
    read.flatMap((one) => (one.status === 'fulfilled' ? [...one.value.dump.tables] : [])),
  );
  const plan = planRemoval({ tables }, family, known);
  const input = restoreInput(plan, tools);
  const failures = read.flatMap((one) =>
    one.status === 'rejected' ? [partFailure(one.reason)] : [],
  );
  const late = failures.find((error) => error instanceof TimeoutError);
  if (late !== undefined) unanswered?.set(tools.save, late);
  return {
    steps: input === '' ? [] : [{ kind: 'rules', mode: 'iptables', family, tools, plan, input }],
    kept: plan.pinned.map((pin) => ({ ...pin, family, variant })),
    // A program that does not work says the same about every table.
    failures: [...new Map(failures.map((error) => [error.message, error])).values()],
    unseen: [],
  };
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
