/**
 * Writes documents into a folder so that a reader sees the old file or the new one, never half of
 * one.
 */

import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, OutputError } from '../errors.js';
import type { NamedDocument } from '../ruleset/types.js';

/**
 * Creates the folder where it is missing and writes every file. Throws OutputError and leaves no
 * temporary file behind.
 */
export async function writeFiles(folder: string, files: readonly NamedDocument[]): Promise<void> {
  const pending = files.map(({ name, text }) => {
    const path = join(folder, name);
    return { path, draft: `${path}.${process.pid}.tmp`, text };
  });
  try {
    await makeFolder(folder);
    // All drafts first: a full disk then leaves every old file as it was.
    for (const { draft, text } of pending) await writeFile(draft, text);
    for (const { draft, path } of pending) await rename(draft, path);
  } catch (cause) {
    for (const { draft } of pending) await rm(draft, { force: true }).catch(() => {});
    const reason = messageOf(cause);
    throw new OutputError(`the folder ${JSON.stringify(folder)} cannot be written: ${reason}`, {
      cause,
    });
  }
}

/**
 * `mkdir -p`, one folder at a time: Node's recursive one never returns where the kernel refuses new
 * names, as in /proc.
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await isFolder(folder))) return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
