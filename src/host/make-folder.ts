/** Makes folders where they are missing. */

import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * `mkdir -p`, one folder at a time: Node's recursive one never returns where the kernel refuses new
 * names, as in /proc. Another process may make the same folders meanwhile, so a folder that is
 * there when it could not be made is enough. Rejects with the system's error.
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const parent = dirname(folder);
  if ((await kindOf(parent)) === 'missing') await makeFolder(parent, mode);
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if ((await kindOf(folder)) !== 'folder') throw error;
  }
}

async function kindOf(path: string): Promise<'folder' | 'missing' | 'other'> {
  return stat(path).then(
    (info) => (info.isDirectory() ? 'folder' : 'other'),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'missing' : 'other'),
  );
}
