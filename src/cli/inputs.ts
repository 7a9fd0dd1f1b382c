/** Reads what `-f`, `--config` and `--host` name, with kubectl's rules for files, folders and `-`. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, UsageError, VipcError } from '../errors.js';
import type { Source } from '../snapshot/read.js';
import type { Terminal } from './terminal.js';

/** What standard input is called in diagnostics. */
const STDIN_NAME = '<stdin>';

const EXTENSIONS = /\.(?:json|ya?ml)$/;

/**
 * The texts behind every `-f`, in the order of the flags. A folder stands for its *.yaml, *.yml
 * and *.json in the order of their names, with `recursive` also those below it; links to folders
 * are not followed, so that a mounted ConfigMap is read once.
 */
export async function readSources(
  paths: readonly string[],
  recursive: boolean,
  terminal: Terminal,
): Promise<readonly Source[]> {
  if (paths.length === 0) throw new UsageError('must specify -f');
  if (paths.filter((path) => path === '-').length > 1) {
    throw new UsageError('-f - can be given once: there is one standard input');
  }
  const sources: Source[] = [];
  for (const path of paths) {
    if (path === '-') sources.push({ name: STDIN_NAME, text: await terminal.readInput() });
    else
      for (const file of await filesOf(path, recursive))
        sources.push({ name: file, text: await readText(file) });
  }
  return sources;
}

/** The text of one file. Throws InputError, in kubectl's words where it has some. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Makes sure that a folder is there. Throws InputError otherwise. */
export async function checkFolder(path: string): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!info.isDirectory()) throw new InputError(`the path ${JSON.stringify(path)} is not a folder`);
}

async function filesOf(path: string, recursive: boolean): Promise<readonly string[]> {
  if (/^https?:\/\//.test(path)) {
    throw new InputError(
      `${JSON.stringify(path)} is a URL; vipc reads files and standard input only`,
      {
        hint: `curl -fsSL ${path} | vipc compile -f -`,
      },
    );
  }
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const files = await filesIn(path, recursive);
    if (files.length > 0) return files;
  } catch (error) {
    throw unreadable(path, error);
  }
  throw new InputError(
    `error reading [${path}]: recognized file extensions are [.json .yaml .yml]`,
    {
      hint: recursive ? '' : 'add -R to read the folders below it',
    },
  );
}

async function filesIn(folder: string, recursive: boolean): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (recursive) files.push(...(await filesIn(path, true)));
    } else if (EXTENSIONS.test(entry.name) && !(await stat(path)).isDirectory()) {
      files.push(path);
    }
  }
  return files;
}

/** The error for a file that cannot be read, in kubectl's words where it has some. */
export function unreadable(path: string, cause: unknown): VipcError {
  if (cause instanceof VipcError) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const named = `the path ${JSON.stringify(path)}`;
  if (code === 'ENOENT') return new InputError(`${named} does not exist`, { cause });
  if (code === 'EISDIR') return new InputError(`${named} is a folder`, { cause });
  if (code === 'ERR_STRING_TOO_LONG') {
    return new InputError(`${named} is larger than 512 MB`, { cause, hint: 'split it' });
  }
  return new InputError(
    `${named} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
}
