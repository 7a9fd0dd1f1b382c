/** Writes the precompiled form of all templates, and of the checks of all shapes, into src/. */

import { writeFileSync } from 'node:fs';
import { precompiledChecks } from './precompiled-checks.js';
import { precompiledFiles } from './precompiled-templates.js';

for (const [path, text] of [...precompiledFiles(), ...precompiledChecks()])
  writeFileSync(path, text);
