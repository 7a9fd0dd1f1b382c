/**
 * Writes what CommonJS needs beside the built modules, for each entry of the package: a file that
 * requires the module, and its types as those of a CommonJS file. There is one copy of the code, so
 * a class is the same for who imports it and who requires it.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

interface Manifest {
  readonly exports: Readonly<
    Record<string, string | { readonly import: { readonly types: string } }>
  >;
}

const RELATIVE = /((?:\bfrom|\bimport\() ?)(['"])(\.\.?\/[^'"]+)\.js\2/g;
/** A package that holds nothing but ECMAScript modules has no types for `require`. */
const TYPES_OF_PACKAGE = /^(import type .* from ['"][^.'"][^'"]*['"]);$/gm;

const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const written = new Set<string>();
for (const entry of Object.values(manifest.exports)) {
  if (typeof entry === 'string') continue;
  const types = resolve(entry.import.types);
  writeTypes(types);
  const name = basename(types, '.d.ts');
  writeFileSync(
    join(dirname(types), `${name}.cjs`),
    `'use strict';\nmodule.exports = require('./${name}.js');\n`,
  );
}

/** The types of a module, and of all that they import, as those of CommonJS files. */
function writeTypes(file: string): void {
  if (written.has(file)) return;
  written.add(file);
  const text = readFileSync(file, 'utf8');
  const types = text
    .replaceAll(RELATIVE, '$1$2$3.cjs$2')
    .replaceAll(TYPES_OF_PACKAGE, "$1 with { 'resolution-mode': 'import' };");
  writeFileSync(file.replace(/\.ts$/, '.cts'), types);
  for (const [, , , path = ''] of text.matchAll(RELATIVE))
    writeTypes(resolve(dirname(file), `${path}.d.ts`));
}
