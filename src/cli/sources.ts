/** Reads what `-f` names: files, folders and standard input. */

import type { Diagnostic } from '../diagnostics.js';
import { UsageError } from '../errors.js';
import { filesOf, sourceFile } from '../host/input-files.js';
import { passedOver, type SpecialFile } from '../host/special-files.js';
import type { Source } from '../input/source.js';
import type { StoredSource } from '../input/stored-source.js';
import type { Terminal } from './terminal.js';

export {
  checkFolder,
  openDumpText,
  readDumpText,
  readText,
  unreadable,
} from '../host/input-files.js';

/** What standard input is called in diagnostics. */
const STDIN_NAME = '<stdin>';

/** The value of `-f` that stands for a running cluster; a file of that name is `./cluster`. */
export const CLUSTER = 'cluster';

/** Less text is read in a moment. */
const LONG_INPUT = 5_000_000;

/** What `-f` names, and what is passed over in its folders. */
export interface ReadSources {
  readonly sources: readonly StoredSource[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The texts behind every `-f`, in the order of the flags; {@link filesOf} says what a folder stands
 * for.
 */
export async function readSources(
  paths: readonly string[],
  recursive: boolean,
  terminal: Terminal,
  cluster: () => Promise<Source>,
): Promise<ReadSources> {
  if (paths.length === 0)
    throw new UsageError('must specify -f', {
      hint: 'name a file or folder of objects, - for standard input, or cluster for a running one',
    });
  if (paths.filter((path) => path === '-').length > 1) {
    throw new UsageError('-f - can be given once: there is one standard input');
  }
  if (paths.filter((path) => path === CLUSTER).length > 1) {
    throw new UsageError('-f cluster can be given once: one cluster is read');
  }
  const sources: StoredSource[] = [];
  let special: readonly SpecialFile[] = [];
  for (const path of paths) {
    if (path === '-') sources.push({ name: STDIN_NAME, text: await terminal.readInput() });
    else if (path === CLUSTER) sources.push(await cluster());
    else {
      const found = await filesOf(path, recursive);
      for (const file of found.files) sources.push(await sourceFile(file));
      special = special.concat(found.special);
    }
  }
  const length = lengthOf(sources);
  if (length >= LONG_INPUT)
    terminal.progress?.(`reading ${Math.round(length / 1e6)} MB of objects`);
  return { sources, diagnostics: passedOver(special) };
}

/** How many bytes, or characters, sources have. */
export function lengthOf(sources: readonly StoredSource[]): number {
  return sources.reduce((sum, source) => sum + (source.bytes ?? source.text).length, 0);
}

/** The error for a dump whose text and name show no family. */
export function unknownFamily(path: string): UsageError {
  return new UsageError(`${JSON.stringify(path)} does not say whether it is IPv4 or IPv6`, {
    hint: 'say it with --family; a dump is what iptables-save or "nft -j list ruleset" prints',
  });
}
