/**
 * Puts the built modules of the program into few files: Node takes a millisecond to find and load
 * each of several hundred. What a command needs alone stays in a file of its own, and packages stay
 * outside.
 */

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'dist/cli';

for (const name of readdirSync(FOLDER))
  if (/^chunk-[A-Z0-9]+\.js$/.test(name)) rmSync(join(FOLDER, name));

await build({
  entryPoints: [`${FOLDER}/main.js`],
  outdir: FOLDER,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  // Beside main.js: places of other files are told from where a module is.
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  legalComments: 'none',
});
