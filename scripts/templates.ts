/** Writes the precompiled form of all templates into src/. */

import { writeFileSync } from 'node:fs';
import { precompiledFiles } from './precompiled-templates.js';

for (const [path, text] of precompiledFiles()) writeFileSync(path, text);
