/** How the input of a program gets to it whole. */

import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './host.js';

/**
 * Bytes. A pipe takes this much before the program reads anything. If vipc is killed while it
 * writes a longer input, the program reads only its beginning, and nft carries out the commands in
 * that.
 */
const PIPE_CAPACITY = 64 * 1024;

/** The input of a request as the program reads it. */
export function inputBytes({ input = '', bytes }: Command): Buffer {
  return Buffer.from(input, bytes ? 'latin1' : 'utf8');
}

/** Whether a pipe takes the whole input of a request at once. */
export function fitsPipe({ input = '', bytes }: Command): boolean {
  return Buffer.byteLength(input, bytes ? 'latin1' : 'utf8') <= PIPE_CAPACITY;
}

/**
 * An unlinked file with the input, for the program's standard input; `undefined` where a pipe is
 * enough, or where no temporary file can be written.
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
