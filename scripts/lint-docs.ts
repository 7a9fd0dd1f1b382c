/** Regenerates docs/lint from the rules and their cases. */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lintPages } from './lint-pages.js';

const folder = fileURLToPath(new URL('../docs/lint/', import.meta.url));
mkdirSync(folder, { recursive: true });
const pages = await lintPages();
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
console.log(`docs/lint: ${pages.size} pages`);
