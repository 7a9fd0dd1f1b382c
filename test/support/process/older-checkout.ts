/** A checkout that says that it is of an older version: upgrades start with what it builds. */

import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './packed-package.js';

/** What {@link olderCheckout} calls itself. */
export const OLDER = '0.0.9';

/** Makes one in a folder that does not exist: its own scripts, and links to everything else. */
export function olderCheckout(folder: string): void {
  mkdirSync(folder);
  for (const name of readdirSync(ROOT))
    if (name === 'scripts') cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    else if (name !== 'package.json' && !name.startsWith('.'))
      symlinkSync(join(ROOT, name), join(folder, name));
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const older = text.replace(/("version": )"[^"]+"/, `$1"${OLDER}"`);
  writeFileSync(join(folder, 'package.json'), older);
}
