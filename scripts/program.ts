/**
 * Puts the built modules of the program into few files: Node takes a millisecond to find and load
 * each of several hundred. What a command needs alone stays in a file of its own, and packages stay
 * outside. Then removes what neither the program nor an entry of the package needs, and comments.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { build, type TransformOptions, transformSync } from 'esbuild';

const PROGRAM = 'dist/cli/main.js';
const IMPORTED = /\b(?:from|import|require)\b\s*\(?\s*['"](\.[^'"]+)['"]/g;
const NAMED = /dist\/[^'"]+\.c?[jt]s/g;

for (const file of built()) if (/^dist\/cli\/chunk-\w+\.js$/.test(file)) rmSync(file);
await build({
  entryPoints: [PROGRAM],
  outdir: dirname(PROGRAM),
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  // Beside main.js: places of other files are found from where a module is.
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  // Stacks name functions all the same; generated code is half of it blanks.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
});

const needed = new Set<string>();
for (const file of [PROGRAM, ...(readFileSync('package.json', 'utf8').match(NAMED) ?? [])])
  need(normalize(file));
for (const file of built()) if (!needed.has(file)) rmSync(file);
for (const file of built()) {
  if (file.endsWith('/precompiled.js')) rewrite(file, { minifyWhitespace: true });
  // Comments are read where the types are.
  else if (/\.c?js$/.test(file) && !file.startsWith(dirname(PROGRAM))) rewrite(file, {});
}

/** The files of dist/. */
function built(): readonly string[] {
  return readdirSync('dist', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Prints a file again, without comments. */
function rewrite(file: string, how: TransformOptions): void {
  const { code } = transformSync(readFileSync(file, 'utf8'), { ...how, legalComments: 'none' });
  writeFileSync(file, code);
}

/** Notes a file, and all that it imports. */
function need(file: string): void {
  if (needed.has(file)) return;
  needed.add(file);
  const types = /\.d\.c?ts$/.test(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
    const imported = join(dirname(file), path);
    need(types ? imported.replace(/\.(c?)js$/, '.d.$1ts') : imported);
  }
}
