/**
 * How tests start the program itself: as it was built where scripts/test has just built it, which
 * starts faster, else from its sources.
 */

import { fileURLToPath } from 'node:url';

function path(name: string): string {
  return fileURLToPath(new URL(`../../../${name}`, import.meta.url));
}

/** The words in front of `compile -f …`. */
export const PROGRAM: readonly string[] =
  process.env.VIPC_BUILT === '1'
    ? [process.execPath, path('dist/cli/main.js')]
    : [process.execPath, '--import', import.meta.resolve('tsx'), path('src/cli/main.ts')];
