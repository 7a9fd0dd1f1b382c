/** Finds and reads the files that people name, with kubectl's rules for files and folders. */

import { isAscii } from 'node:buffer';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf, VipcError } from '../errors.js';
import { type StoredBytes, type StoredSource, storedIn } from '../input/stored-source.js';
import { type DumpEncoding, decodeDump, decodeText, isPlainDump } from '../input/text.js';
import { shellWord } from '../shell-word.js';
import { LatinFile, OpenFile } from './open-file.js';
import { asSpecial, notRead, ONLY_FILES, type SpecialFile } from './special-files.js';

const EXTENSIONS = /\.(?:json|ya?ml)$/;

/** The files that a path names. */
export interface InputFiles {
  /** In the order in which they are read. */
  readonly files: readonly string[];
  /** The folders that were looked into; none where the path is a file. */
  readonly folders: readonly string[];
  /** What has the name of a file in these folders, and is not read. */
  readonly special: readonly SpecialFile[];
}

/**
 * The files behind one `-f`. A folder stands for its *.yaml, *.yml and *.json in the order of their
 * names, with `recursive` also those below it; links to folders are not followed, so that a mounted
 * ConfigMap is read once. Pipes, sockets and devices are read only where they are named. Throws
 * InputError, also for a folder without such files, which to kubectl is a mistake.
 */
export async function filesOf(path: string, recursive: boolean): Promise<InputFiles> {
  if (/^https?:\/\//.test(path)) {
    throw new InputError(
      `${JSON.stringify(path)} is a URL; vipc reads files and standard input only`,
      {
        hint: `curl -fsSL ${shellWord(path)} | vipc compile -f -`,
      },
    );
  }
  let special: SpecialFile | undefined;
  try {
    if (!(await stat(path)).isDirectory()) return { files: [path], folders: [], special: [] };
    const found = await filesIn(path, recursive);
    if (found.files.length > 0) return found;
    [special] = found.special;
  } catch (error) {
    throw unreadable(path, error);
  }
  if (special !== undefined) throw new InputError(notRead(special), { hint: ONLY_FILES });
  throw new InputError(
    `error reading [${path}]: recognized file extensions are [.json .yaml .yml]`,
    {
      hint: recursive ? '' : 'add -R to read the folders below it',
    },
  );
}

async function filesIn(folder: string, recursive: boolean): Promise<InputFiles> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  // In a mounted ConfigMap the kubelet keeps the files behind its links in folders named `..*`.
  const read = entries.filter(
    (entry) => !entry.isDirectory() || (recursive && !entry.name.startsWith('..')),
  );
  let files: string[] = [];
  let folders = [folder];
  let special: readonly SpecialFile[] = [];
  for (const entry of read) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const below = await filesIn(path, true);
      files = files.concat(below.files);
      folders = folders.concat(below.folders);
      special = special.concat(below.special);
    } else if (EXTENSIONS.test(entry.name)) {
      // A broken link has nothing: reading it as a file reports what is wrong.
      const found = await stat(path).catch(() => undefined);
      const other = asSpecial(path, found);
      if (other !== undefined) special = special.concat(other);
      else if (found?.isDirectory() !== true) files.push(path);
    }
  }
  return { files, folders, special };
}

/** The most bytes of one input: some 100,000 Services with ten endpoints each. */
const MAX_BYTES = 256 * 1024 * 1024;

/** All bytes of a stream. Throws InputError beyond 256 MB: a device never ends. */
export async function readBounded(stream: AsyncIterable<unknown>, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MAX_BYTES) throw tooLarge(name);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(name: string): InputError {
  return new InputError(`${name} is larger than 256 MB`, { hint: 'split it into several files' });
}

/** The text of one file. Throws InputError, in kubectl's words where it has some. */
export async function readText(path: string): Promise<string> {
  return (await sourceFile(path)).text;
}

/** Larger files are read when somebody asks for a part of them. */
const LATE = 1 << 20;

/** One file, not decoded yet. Throws InputError, in kubectl's words where it has some. */
export async function sourceFile(path: string): Promise<StoredSource> {
  try {
    const info = await checkedStat(path);
    const isLate = info.isFile() && info.size > LATE;
    return new ReadFile(path, isLate ? new OpenFile(path) : storedIn(await readBytes(path, info)));
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A file whose bytes are given up for its text. */
class ReadFile implements StoredSource {
  readonly name: string;
  bytes: StoredBytes | undefined;
  private decoded = '';

  constructor(name: string, bytes: StoredBytes) {
    this.name = name;
    this.bytes = bytes;
  }

  get text(): string {
    const { bytes: stored, name } = this;
    if (stored === undefined) return this.decoded;
    try {
      const bytes = stored.whole();
      // Most inputs are ASCII, which is copied in half of the time. A zero byte is of UTF-16.
      const isPlain = bytes[0] !== 0 && bytes[1] !== 0 && isAscii(bytes);
      this.decoded = isPlain ? bytes.toString('latin1') : decodeText(bytes, name);
    } catch (error) {
      throw unreadable(name, error);
    }
    this.bytes = undefined;
    return this.decoded;
  }
}

/**
 * The text of a tool's dump; {@link decodeDump} says how it is decoded. Throws InputError.
 */
export async function readDumpText(
  path: string,
  encodingOf: (head: string) => DumpEncoding,
): Promise<string> {
  try {
    return decoded(await readBytes(path, await checkedStat(path)), path, encodingOf);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The same of a large file, or of a pipe, in parts, of which the caller throws away what it does
 * not need. Without line feeds, and in other encodings than latin1, it is read at once.
 */
export async function openDumpText(
  path: string,
  encodingOf: (head: string) => DumpEncoding,
): Promise<string | LatinFile> {
  try {
    const info = await checkedStat(path);
    if (info.isFile() && info.size <= LATE) return await readDumpText(path, encodingOf);
    const file = info.isFile() ? new OpenFile(path) : storedIn(await readBytes(path, info));
    const isInParts = isPlainDump(file.piece(0, LATE), path, encodingOf);
    return isInParts ? new LatinFile(file) : decoded(file.whole(), path, encodingOf);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** At once where the length is known: joining the pieces of a file takes as long as reading it. */
async function readBytes(path: string, info: Stats): Promise<Buffer> {
  if (info.isFile()) return readFile(path);
  return readBounded(createReadStream(path, { highWaterMark: 1 << 20 }), pathName(path));
}

async function checkedStat(path: string): Promise<Stats> {
  const info = await stat(path);
  if (info.size > MAX_BYTES) throw tooLarge(pathName(path));
  return info;
}

function pathName(path: string): string {
  return `the path ${JSON.stringify(path)}`;
}

function decoded(bytes: Buffer, path: string, encodingOf: (head: string) => DumpEncoding): string {
  // Most dumps are ASCII, which is copied in half of the time.
  return decodeDump(bytes, path, (head) => (isAscii(bytes) ? 'latin1' : encodingOf(head)));
}

/** Makes sure that a folder is there. Throws InputError otherwise. */
export async function checkFolder(path: string): Promise<void> {
  const info = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!info.isDirectory()) throw new InputError(`${pathName(path)} is not a folder`);
}

/** The error for a file that cannot be read, in kubectl's words where it has some. */
export function unreadable(path: string, cause: unknown): VipcError {
  if (cause instanceof VipcError) return cause;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const named = pathName(path);
  if (code === 'ENOENT') return new InputError(`${named} does not exist`, { cause });
  if (code === 'EISDIR') return new InputError(`${named} is a folder`, { cause });
  if (code === 'ERR_STRING_TOO_LONG') {
    return new InputError(`${named} is larger than 512 MB`, { cause, hint: 'split it' });
  }
  return new InputError(`${named} cannot be read: ${messageOf(cause)}`, { cause });
}
