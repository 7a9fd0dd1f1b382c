/** The steps of deploy/Containerfile, without what builds images. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packed-package.js';

/**
 * Writes them into a folder that a script sees as /packages: `image.sh`, which takes this package
 * of the folder, and the words of `entry-point`. Returns how the name of the package that is copied
 * begins.
 */
export function writeImageSteps(folder: string, deb: string): string {
  const text = readFileSync(join(ROOT, 'deploy/Containerfile'), 'utf8');
  const [, pattern = '', to = ''] = /^COPY (\S+) (\S+)$/m.exec(text) ?? [];
  const [, run = ''] = /^RUN (.+)$/m.exec(text) ?? [];
  const [, entryPoint = '[]'] = /^ENTRYPOINT (.+)$/m.exec(text) ?? [];
  const steps = text.match(/^[A-Z]+ /gm)?.join('');
  if (steps !== 'FROM COPY RUN ENTRYPOINT ') throw new Error(`other steps: ${steps}`);
  writeFileSync(join(folder, 'image.sh'), `cp /packages/${deb} ${to}\n${run}\n`);
  const words: unknown = JSON.parse(entryPoint);
  writeFileSync(join(folder, 'entry-point'), Array.isArray(words) ? words.join(' ') : '');
  return pattern.replace(/\*\.deb$/, '');
}
