/** Changes a hosts file so that a reader sees the old one or the whole new one. */

import { constants } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import { InputError, messageOf, OutputError } from '../errors.js';
import { unreadable } from './input-files.js';

/** The most bytes of a hosts file. */
const MAX_BYTES = 64 * 1024 * 1024;
/** How often the change is repeated because another program changed the file meanwhile. */
const ATTEMPTS = 5;

/**
 * Replaces the file by what `change` makes of its text, unless that is the same. A link is
 * followed; owner, group and permissions stay. The text is latin1, one character a byte, so that
 * what is no UTF-8 survives. Returns whether the file was written. Throws InputError where it
 * cannot be read, OutputError where it cannot be replaced, and what `change` throws.
 */
export async function changeHostsFile(
  path: string,
  change: (text: string) => string,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const file = await readRegular(path);
    const wanted = change(file.text);
    if (wanted === file.text) return false;
    if (await replace(path, file, wanted)) return true;
    if (attempt === ATTEMPTS)
      throw new OutputError(`${JSON.stringify(path)} keeps being changed by other programs`, {
        hint: 'try again when no other program writes it',
      });
  }
}

/** What a file was when it was read. */
interface RegularFile {
  /** Without links. */
  readonly target: string;
  readonly text: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly version: string;
}

async function readRegular(path: string): Promise<RegularFile> {
  try {
    const target = await realpath(path);
    // A FIFO would wait for a writer.
    const file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const info = await file.stat();
      if (!info.isFile()) throw new Error('it is not a regular file');
      if (info.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
      const { mode, uid, gid } = info;
      return {
        target,
        text: await file.readFile('latin1'),
        mode,
        uid,
        gid,
        version: versionOf(info),
      };
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

type FileInfo = Awaited<ReturnType<FileHandle['stat']>>;

/** Differs where the file was written or replaced. */
function versionOf({ ino, size, mtimeMs }: FileInfo): string {
  return `${ino} ${size} ${mtimeMs}`;
}

/** False where the file is no longer the one that was read. */
async function replace(path: string, file: RegularFile, text: string): Promise<boolean> {
  const draft = `${file.target}.vipc-${process.pid}`;
  try {
    await writeDraft(draft, file, text);
    if ((await readRegular(path)).version !== file.version) {
      await rm(draft, { force: true });
      return false;
    }
    await rename(draft, file.target);
    return true;
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    if (cause instanceof InputError) throw cause;
    throw new OutputError(`${JSON.stringify(path)} cannot be replaced: ${messageOf(cause)}`, {
      cause,
      hint: 'its folder must be writable, and the file no mount of its own as in a container',
    });
  }
}

async function writeDraft(
  draft: string,
  { mode, uid, gid }: RegularFile,
  text: string,
): Promise<void> {
  // Left behind by a process that was killed; no other has this process ID.
  await rm(draft, { force: true });
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text, 'latin1');
    await file.chown(uid, gid);
    await file.chmod(mode & 0o7777);
    await file.sync();
  } finally {
    await file.close();
  }
}
