/** Runs properties with a seed that can be given again: VIPC_SEED=… VIPC_RUNS=… npm test. */

import fc from 'fast-check';

/** Draws of a property: enough to find a new mistake soon; `scripts/test` takes more. */
export const runs: number = Number(process.env.VIPC_RUNS ?? 50);
/** One seed for the whole process, new each time unless VIPC_SEED is set. */
export const seed: number = Number(process.env.VIPC_SEED ?? Math.floor(Math.random() * 2 ** 31));

let announced = false;

/** Checks a property with {@link runs} draws, times `factor`; a failure names seed and path. */
export function property(checked: fc.IRawProperty<unknown>, factor = 1): void {
  announce();
  fc.assert(checked as fc.IProperty<unknown>, { seed, numRuns: Math.ceil(runs * factor) });
}

/** The same for an asynchronous property. */
export async function asyncProperty(
  checked: fc.IAsyncProperty<unknown>,
  factor = 1,
): Promise<void> {
  announce();
  await fc.assert(checked, { seed, numRuns: Math.ceil(runs * factor) });
}

/**
 * Rounds of draws besides the first. Nearly every one meets what a test must have seen: where all
 * of them miss it, the test is at fault.
 */
const MORE_ROUNDS = 20;

/** Like {@link property}, and draws on until the test has `met` what it must have seen. */
export function propertyUntil(
  met: () => boolean,
  checked: fc.IRawProperty<unknown>,
  factor = 1,
): void {
  property(checked, factor);
  const numRuns = Math.ceil(runs * factor);
  for (let round = 1; round <= MORE_ROUNDS && !met(); round++)
    fc.assert(checked as fc.IProperty<unknown>, { seed: seed + round, numRuns });
}

/** The same for an asynchronous property. */
export async function asyncPropertyUntil(
  met: () => boolean,
  checked: fc.IAsyncProperty<unknown>,
): Promise<void> {
  await asyncProperty(checked);
  for (let round = 1; round <= MORE_ROUNDS && !met(); round++)
    await fc.assert(checked, { seed: seed + round, numRuns: runs });
}

function announce(): void {
  if (!announced) console.log(`    properties: VIPC_SEED=${seed} VIPC_RUNS=${runs}`);
  announced = true;
}
