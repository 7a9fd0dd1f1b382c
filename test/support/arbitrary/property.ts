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

/** The same for a property that is asked asynchronously. */
export async function asyncProperty(
  checked: fc.IAsyncProperty<unknown>,
  factor = 1,
): Promise<void> {
  announce();
  await fc.assert(checked, { seed, numRuns: Math.ceil(runs * factor) });
}

function announce(): void {
  if (!announced) console.log(`    properties: VIPC_SEED=${seed} VIPC_RUNS=${runs}`);
  announced = true;
}
