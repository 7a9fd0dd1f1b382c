/** Brings one family's tables from what was read to a Ruleset, however often they move meanwhile, or says what is refused. */

import type { Backend } from '../backends/backend.js';
import type { Dump } from '../backends/iptables/parse.js';
import { ContentionError } from '../errors.js';
import type { Host } from '../host/host.js';
import type { FamilyPlan } from '../plan/types.js';
import type { Ruleset } from '../ruleset/types.js';
import { throwIfInterrupted } from './lock.js';
import { type KernelState, type ReadOptions, readAgain } from './read-kernel.js';
import { type RestoreFault, type RestoreOptions, restore } from './restore.js';

/** How one family of one machine is written. */
export interface LoadTarget extends RestoreOptions {
  readonly host: Host;
  readonly backend: Backend;
  readonly signal?: AbortSignal;
  /** What was planned already for the Ruleset that is to be loaded. */
  readonly prepared?: Prepared;
}

/** A plan and its input. */
export interface Prepared {
  /** What it was made from. */
  readonly kernel: KernelState;
  readonly plan: FamilyPlan;
  readonly input: string;
}

/** How it went. */
export type LoadOutcome =
  /** `plan`: what was carried out last, from `before`. `sent` is its input, `''` where there was nothing to do. */
  | {
      readonly kind: 'loaded';
      readonly before: KernelState;
      readonly plan: FamilyPlan;
      readonly sent: string;
    }
  /** `now`: what the kernel holds; tables in front of the one with the fault may have been loaded. */
  | {
      readonly kind: 'refused';
      readonly fault: RestoreFault;
      readonly sent: string;
      readonly now: KernelState;
    };

/** A writer that moves the tables more often in a row than this does nothing else. */
const MOST_MOVES = 5;

/** Loads the difference between what was read and a Ruleset. Throws ContentionError where the tables never stand still. */
export async function loadRuleset(
  target: LoadTarget,
  kernel: KernelState,
  ruleset: Ruleset,
): Promise<LoadOutcome> {
  const { host, backend, signal, prepared } = target;
  const prepare = (state: KernelState, edits: boolean): Prepared => {
    const found = backend.plan(state.dump, ruleset);
    const plan = edits ? found : backend.withoutEdits(found, ruleset);
    return { kernel: state, plan, input: backend.input(plan, { variant: kernel.variant }) };
  };
  let before = kernel;
  let edits = true;
  for (let attempt = 0; attempt <= MOST_MOVES; attempt++) {
    throwIfInterrupted(signal);
    const { plan, input: sent } = prepared?.kernel === before ? prepared : prepare(before, edits);
    const fault = sent === '' ? undefined : await restore(host, before.tools, sent, target);
    if (fault === undefined) return { kind: 'loaded', before, plan, sent };
    const now = await readAgain(host, kernel, readOptions(target));
    const moved = hasMoved(fault.table, before.dump, now.dump);
    if (fault.kind === 'refused' && !moved) return { kind: 'refused', fault, sent, now };
    // Nobody was here, and still a rule is not found by the text that it was read with.
    if (!moved) edits = false;
    before = now;
  }
  throw new ContentionError(
    `the ${kernel.family} rules were changed ${MOST_MOVES + 1} times in a row while vipc was loading its own`,
    { hint: 'another kube-proxy or vipc is running on this machine: stop one of them' },
  );
}

/** Makes the kernel what it was, and says whether that went well: tables in front of a refused one may have been loaded. */
export async function giveBack(target: LoadTarget, before: KernelState): Promise<boolean> {
  const { host, backend } = target;
  const { family, variant, tools, dump } = before;
  const now = await readAgain(host, before);
  const input = backend.returnInput(dump, now.dump, family, { variant });
  return input === '' || (await restore(host, tools, input, target)) === undefined;
}

/** A table in which a transaction failed is as it was before, unless somebody else changed it. */
function hasMoved(table: string, before: Dump, now: Dump): boolean {
  const chains = (dump: Dump): string =>
    [...(dump.tables.get(table) ?? [])]
      .map(([chain, { rules }]) => [chain, ...rules].join('\n'))
      .sort()
      .join('\n\n');
  return chains(before) !== chains(now);
}

/** Reading for a target: given up when the user wants to. */
export function readOptions({ signal }: LoadTarget): ReadOptions {
  return signal === undefined ? {} : { signal };
}
