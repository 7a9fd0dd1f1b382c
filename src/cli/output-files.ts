/**
 * Writes documents into a folder so that a reader sees the old file or the new one, never half of
 * one.
 */

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, OutputError } from '../errors.js';
import { makeFolder } from '../host/make-folder.js';
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
