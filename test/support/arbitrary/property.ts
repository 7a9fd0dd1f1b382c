/** Runs properties with a seed that can be given again: VIPC_SEED=… VIPC_RUNS=… npm test. */

import fc from 'fast-check';

/** How often a property is tried. */
export const runs: number = Number(process.env.VIPC_RUNS ?? 200);
/** One seed for the whole process, new each time unless VIPC_SEED is set. */
export const seed: number = Number(process.env.VIPC_SEED ?? Math.floor(Math.random() * 2 ** 31));

let announced = false;

/** Checks a property `VIPC_RUNS` times (200 unless set), times `factor`; a failure names seed and path. */
export function property(checked: fc.IRawProperty<unknown>, factor = 1): void {
  if (!announced) console.log(`    properties: VIPC_SEED=${seed} VIPC_RUNS=${runs}`);
  announced = true;
  fc.assert(checked as fc.IProperty<unknown>, { seed, numRuns: Math.ceil(runs * factor) });
}
