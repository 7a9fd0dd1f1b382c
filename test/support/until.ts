/** Waits of tests: for conditions, with an end that a busy machine reaches as well. */

import { setTimeout as pause } from 'node:timers/promises';

/**
 * Milliseconds until a condition counts as never met; below mocha's end, whose message says
 * nothing.
 */
export const PATIENCE = 300_000;
/** Milliseconds between two looks, at least and at most. */
const LOOK = { least: 10, most: 250 };

/**
 * Waits until `holds`. Throws after {@link PATIENCE} with what `seen` says then, else with the
 * condition's own text. The pause between looks grows to a tenth of the time waited, and is as
 * long as the look was, so that looks that start a program leave the processors to what is waited
 * for.
 */
export async function until(
  holds: () => boolean | Promise<boolean>,
  seen: () => string = () => String(holds),
): Promise<void> {
  for (const start = performance.now(); ; ) {
    const begin = performance.now();
    if (await holds()) return;
    const waited = performance.now() - start;
    if (waited > PATIENCE) throw new Error(`never: ${seen()}`);
    const growing = Math.max(LOOK.least, performance.now() - begin, waited / 10);
    await pause(Math.min(LOOK.most, growing));
  }
}
