/** Writes the man page beside the built program. */

import { writeFileSync } from 'node:fs';
import { VERSION } from './deploy-documents.js';
import { manPage } from './man-page.js';

writeFileSync('dist/vipc.1', await manPage(VERSION));
