/**
 * Where the links on the way to a file stand: the kernel reports a change there, and not at the
 * file's name.
 */

import { readlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { WatchedFolder } from './watched-files.js';

/** Linux follows this many links. */
const MAX_LINKS = 40;

/**
 * The entries that decide what a path means, where it goes over symbolic links: each link, and the
 * file at the end. Nothing where there is no link. A link that leads nowhere ends at what is
 * missing.
 */
export async function linksTo(path: string): Promise<readonly WatchedFolder[]> {
  const found: WatchedFolder[] = [];
  let names = resolve(path).split(sep);
  let at = '/';
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const here = join(at, name);
    const target = await readlink(here).catch(() => undefined);
    if (target === undefined) {
      at = here;
      continue;
    }
    found.push({ path: at, only: name });
    if (found.length === MAX_LINKS) return found;
    names = [...resolve(at, target).split(sep), ...names];
    at = '/';
  }
  return found.length === 0 ? [] : [...found, { path: dirname(at), only: basename(at) }];
}
