/** Pipes, sockets and devices among input files: whoever opens one may wait for ever. */

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Diagnostic } from '../diagnostics.js';
import { InputError } from '../errors.js';

/** What is there under the name of a file. */
export interface SpecialFile {
  readonly path: string;
  readonly kind: 'a pipe' | 'a socket' | 'a device';
}

/** What `stat` found at a path, if that is neither a file nor a folder. */
export function asSpecial(path: string, found: Stats | undefined): SpecialFile | undefined {
  if (found === undefined || found.isFile() || found.isDirectory()) return undefined;
  const kind = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device';
  return { path, kind };
}

/** Throws InputError for a path that cannot be read again. */
export async function checkRepeatable(path: string): Promise<void> {
  const special = asSpecial(path, await stat(path).catch(() => undefined));
  if (special === undefined) return;
  throw new InputError(`the path ${JSON.stringify(path)} is ${special.kind}`, {
    hint: 'an agent reads its input again and again: give a file or a folder',
  });
}

export const ONLY_FILES = 'in a folder only files are read';

export function notRead({ path, kind }: SpecialFile): string {
  return `the path ${JSON.stringify(path)} is ${kind} and is not read`;
}

/** A warning for each that is passed over in a folder. */
export function passedOver(files: readonly SpecialFile[]): readonly Diagnostic[] {
  return files.map((file) => ({
    code: 'input-passed-over',
    severity: 'warning',
    message: notRead(file),
    hint: ONLY_FILES,
  }));
}
