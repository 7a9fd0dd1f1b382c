/**
 * Gives a program its input as a whole or not at all, also where this process is killed while it
 * does so.
 */

import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Bytes. A pipe takes this much at once, before the program reads anything. Of a longer input a
 * program sees the beginning when its writer is killed, and nft carries out the commands that it
 * has got.
 */
const PIPE_CAPACITY = 64 * 1024;

/**
 * A file that holds the input and has no name any more, to be the program's standard input;
 * `undefined` where a pipe does as well, or where there is no room for temporary files.
 */
export async function openWholeInput(input: Buffer): Promise<FileHandle | undefined> {
  if (input.length <= PIPE_CAPACITY) return undefined;
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'vipc-input-'));
    const file = join(folder, 'input');
    await writeFile(file, input, { flag: 'wx', mode: 0o600 });
    return await open(file, 'r');
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
