/**
 * Loads the difference between the kernel and a Ruleset, and plans again where the rules changed
 * meanwhile.
 */

import type { Backend } from '../backends/backend.js';
import type { KernelState, LoadFault, LoadOptions } from '../backends/kernel.js';
import type { LoadInput } from '../backends/transaction.js';
import { ContentionError } from '../errors.js';
import type { Host } from '../host/host.js';
import { throwIfInterrupted } from '../host/interruption.js';
import { inTurns, turn } from '../host/turn.js';
import type { FamilyPlan } from '../plan/types.js';
import type { Ruleset } from '../ruleset/types.js';

/** One family of one machine, and how rules are loaded into it. */
export interface LoadTarget extends LoadOptions {
  readonly host: Host;
  readonly backend: Backend;
  /** What was planned already for the Ruleset that is to be loaded. */
  readonly prepared?: Prepared;
}

/** A plan and its input. */
export interface Prepared {
  /** What it was made from. */
  readonly kernel: KernelState;
  readonly plan: FamilyPlan;
  readonly input: LoadInput;
}

/** The outcome of a load. */
export type LoadOutcome =
  /**
   * `plan`: what was carried out last, from `before`. `sent` is its input, empty where there was
   * nothing to do.
   */
  | {
      readonly kind: 'loaded';
      readonly before: KernelState;
      readonly plan: FamilyPlan;
      readonly sent: LoadInput;
    }
  /**
   * `now`: what the kernel holds; tables in front of the one with the fault may have been loaded.
   */
  | {
      readonly kind: 'refused';
      readonly fault: LoadFault;
      readonly sent: LoadInput;
      readonly now: KernelState;
    };

/** How many attempts in a row may find that the rules have changed meanwhile. */
const MOST_MOVES = 5;

/**
 * Loads the difference between what was read and a Ruleset. Throws ContentionError where the rules
 * change during every attempt.
 */
export async function loadRuleset(
  target: LoadTarget,
  kernel: KernelState,
  ruleset: Ruleset,
): Promise<LoadOutcome> {
  const { host, backend, signal, prepared } = target;
  const access = backend.kernel;
  const prepare = async (state: KernelState, edits: boolean): Promise<Prepared> => {
    const found = await inTurns(state.rules.planInSteps(ruleset));
    const plan = edits ? found : backend.withoutEdits(found, ruleset);
    await turn();
    const input = await inTurns(backend.inputInSteps(plan, kernel.tools));
    return { kernel: state, plan, input };
  };
  let before = kernel;
  let edits = true;
  for (let attempt = 0; attempt <= MOST_MOVES; attempt++) {
    throwIfInterrupted(signal);
    const { plan, input: sent } =
      prepared?.kernel === before ? prepared : await prepare(before, edits);
    await turn();
    const fault =
      sent.length === 0 ? undefined : await access.load(host, before.tools, sent, target);
    if (fault === undefined) return { kind: 'loaded', before, plan, sent };
    const now = await access.readAgain(host, kernel, { signal: target.signal });
    // A table in which a transaction failed is as it was before, unless another program changed it.
    const [was, is] = [before, now].map(({ rules }) => rules.contents(fault.table));
    const moved = was !== is;
    if (fault.kind === 'refused' && !moved) return { kind: 'refused', fault, sent, now };
    // The rules are as they were read, yet one is not found by its own text.
    if (!moved) edits = false;
    before = now;
  }
  throw new ContentionError(
    `the ${kernel.family} rules were changed ${MOST_MOVES + 1} times in a row while vipc was loading its own`,
    { hint: 'another kube-proxy or vipc is running on this machine: stop one of them' },
  );
}

/**
 * Restores what was read: tables before the refused one may have been loaded. Returns whether it
 * succeeded. A signal between two of its transactions does not stop it.
 */
export async function rollBack(target: LoadTarget, before: KernelState): Promise<boolean> {
  const { host, backend } = target;
  const { family, tools, rawText } = before;
  const access = backend.kernel;
  const now = await access.readAgain(host, before, {});
  const input = now.rules.rollbackInput(rawText, family, tools);
  const whole = { ...target, signal: undefined };
  return input.length === 0 || (await access.load(host, tools, input, whole)) === undefined;
}
