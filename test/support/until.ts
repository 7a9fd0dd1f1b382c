/** Waits of tests: for conditions, with an end that a busy machine reaches as well. */

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Milliseconds until a condition counts as never met; below mocha's end, whose message says
 * nothing.
 */
export const PATIENCE = 300_000;
/** Milliseconds between two looks. */
const LOOK = 10;

/**
 * Waits until `holds`. Throws after {@link PATIENCE} with what `seen` says then, else with the
 * condition's own text.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  seen: () => string = () => String(holds),
): Promise<void> {
  for (const deadline = performance.now() + PATIENCE; !(await holds()); await pause(LOOK))
    if (performance.now() > deadline) throw new Error(`never: ${seen()}`);
}
