/** This machine. The only file that starts programs. */

import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { hostname, networkInterfaces, release } from 'node:os';
import { dirname } from 'node:path';
import type { Command, CommandResult, Host, LockAttempt, NetworkInterface } from './host.js';
import { trySocketLock } from './socket-lock.js';

const DEFAULT_TIMEOUT = 10_000;
/** Bytes. Dumps of whole hosts pass through here, and one that was cut must not look whole; Node's strings end here too. */
const MAX_OUTPUT = 512 * 1024 * 1024;

/** The machine that vipc runs on. */
export class SystemHost implements Host {
  /** Two writers of one file in this process have a draft each. */
  #drafts = 0;

  async run(request: Command): Promise<CommandResult> {
    // Loaded late: `vipc compile` never starts a program.
    const { execa } = await import('execa');
    const result = await execa(request.command, request.args, {
      reject: false,
      stripFinalNewline: false,
      maxBuffer: MAX_OUTPUT,
      timeout: request.timeout ?? DEFAULT_TIMEOUT,
      // Messages are read by us, so they have to be in one language; sbin is not in everybody's PATH.
      env: { LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
      detached: request.detached ?? false,
      encoding: request.bytes ? 'latin1' : 'utf8',
      ...(request.input === undefined
        ? { stdin: 'ignore' as const }
        : { input: request.bytes ? Buffer.from(request.input, 'latin1') : request.input }),
      ...(request.signal === undefined ? {} : { cancelSignal: request.signal }),
    });
    const { stdout, stderr } = result;
    if (result.exitCode !== undefined)
      return { kind: 'exited', code: result.exitCode, stdout, stderr };
    if (result.timedOut)
      return { kind: 'killed', by: 'timeout', signal: result.signal ?? '', stdout, stderr };
    if (result.isCanceled)
      return { kind: 'killed', by: 'abort', signal: result.signal ?? '', stdout, stderr };
    if (result.signal !== undefined)
      return { kind: 'killed', by: 'signal', signal: result.signal, stdout, stderr };
    return { kind: 'missing', reason: result.originalMessage ?? 'it could not be started' };
  }

  async readFile(path: string): Promise<string | undefined> {
    return readFile(path, 'utf8').catch(() => undefined);
  }

  async writeFile(path: string, text: string): Promise<void> {
    await writeFile(path, text, { flag: 'r+' });
  }

  async replaceFile(path: string, text: string | Iterable<string>): Promise<void> {
    await makeFolder(dirname(path));
    const draft = `${path}.${process.pid}-${this.#drafts++}.tmp`;
    try {
      const file = await newFile(draft);
      try {
        for (const piece of typeof text === 'string' ? [text] : text)
          await file.writeFile(piece, 'latin1');
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      throw error;
    }
  }

  async removeFile(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  async readLink(path: string): Promise<string | undefined> {
    return readlink(path).catch(() => undefined);
  }

  async inode(path: string): Promise<number | undefined> {
    return stat(path).then(
      ({ ino }) => ino,
      () => undefined,
    );
  }

  variable(name: string): string {
    return process.env[name] ?? '';
  }

  tryLock(name: string, about: string): Promise<LockAttempt> {
    return trySocketLock(name, about);
  }

  interfaces(): readonly NetworkInterface[] {
    return Object.entries(networkInterfaces()).map(([name, addresses]) => ({
      name,
      addresses: (addresses ?? []).flatMap(({ cidr }) => cidr ?? []),
    }));
  }

  hostname(): string {
    return hostname();
  }

  kernel(): string {
    return release();
  }
}

/**
 * An exclusive new file: a link that somebody laid out in a shared folder is not followed. What a killed process left
 * under this name goes: in a container each process has the number of the one before.
 */
async function newFile(path: string): Promise<FileHandle> {
  const create = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  return create().catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await rm(path, { force: true });
    return create();
  });
}

/** A folder and those above it. Node's own `recursive` tries for ever where the kernel makes no folders, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}
