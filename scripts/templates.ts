/** Writes the precompiled form of the templates of each layout into its folder in src/. */

import { writeFileSync } from 'node:fs';
import { precompiledFiles } from './precompiled-templates.js';

for (const [path, text] of precompiledFiles()) writeFileSync(path, text);
