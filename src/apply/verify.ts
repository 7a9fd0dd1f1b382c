/**
 * Reads back what was loaded: another program may have changed it since the tool succeeded.
 */

import type { KernelState } from '../backends/kernel.js';
import { VerifyError } from '../errors.js';
import { inTurns, turn } from '../host/turn.js';
import { allChanges } from '../plan/plan.js';
import type { ChainChange, FamilyPlan } from '../plan/types.js';
import { unitLabel } from '../plan/unit.js';
import type { Ruleset } from '../ruleset/types.js';
import type { LoadTarget } from './load.js';

/** Throws {@link VerifyError} where the kernel does not hold the Ruleset. */
export async function verifyRuleset(
  target: LoadTarget,
  kernel: KernelState,
  ruleset: Ruleset,
): Promise<void> {
  const now = await target.backend.kernel.readAgain(target.host, kernel, {
    signal: target.signal,
  });
  await turn();
  const plan = await inTurns(now.rules.planInSteps(ruleset));
  refuseDifferences(kernel, allChanges(plan));
}

/**
 * The same for a plan of which no Ruleset is known: everything that it says must be there, and
 * nothing that it removes.
 */
export async function verifyPlan(
  target: LoadTarget,
  kernel: KernelState,
  plan: FamilyPlan,
): Promise<void> {
  const now = await target.backend.kernel.readAgain(target.host, kernel, {
    signal: target.signal,
  });
  refuseDifferences(
    kernel,
    allChanges(plan).filter((change) => !now.rules.holds(change)),
  );
}

/** How many chains a message names. */
const SHOWN = 3;

function refuseDifferences({ family }: KernelState, differences: readonly ChainChange[]): void {
  if (differences.length === 0) return;
  const chains = differences.map((change) => `${change.table} ${unitLabel(change)}`);
  const more = chains.length > SHOWN ? ` and ${chains.length - SHOWN} more` : '';
  throw new VerifyError(
    `the ${family} rules were loaded, and read back they differ in ${chains.slice(0, SHOWN).join(', ')}${more}`,
    chains,
    { hint: 'another program writes rules for Services too: stop kube-proxy, then apply again' },
  );
}
