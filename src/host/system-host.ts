/** This machine. */

import {
  type FileHandle,
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
import { makeFolder } from './make-folder.js';
import { namespaceFolder } from './namespace-folder.js';
import { tryNamespaceLock } from './namespace-lock.js';
import { followProgram, runProgram } from './program.js';
import { removeStaleFolders } from './stale-folders.js';
import { WaitingPrograms } from './waiting-programs.js';

/** How many process IDs are remembered: more programs than one change starts. */
const REMEMBERED = 64;

/** The machine that vipc runs on. */
export class SystemHost implements Host {
  readonly #started: number[] = [];
  readonly #programs = new WaitingPrograms();
  /** Numbers the temporary files, so that two writers of one file do not share one. */
  #drafts = 0;
  /** Folders of namespaces that no longer exist are removed once per process. */
  #swept: Promise<void> | undefined;

  run(request: Command): Promise<CommandResult> {
    const started = (pid: number | undefined): void => this.#note(pid);
    return request.again ? this.#programs.run(request, started) : runProgram(request, started);
  }

  follow(
    request: Omit<Command, 'input'>,
    onLine: (line: string) => void,
    onStart?: (pid: number) => void,
  ): Promise<CommandResult> {
    return followProgram(request, onLine, (pid) => {
      this.#note(pid);
      if (pid !== undefined) onStart?.(pid);
    });
  }

  hasStarted(pid: number): boolean {
    return this.#started.includes(pid);
  }

  #note(pid: number | undefined): void {
    if (pid === undefined) return;
    this.#started.push(pid);
    if (this.#started.length > REMEMBERED) this.#started.shift();
  }

  async readFile(path: string): Promise<string | undefined> {
    return readFile(path, 'utf8').catch(() => undefined);
  }

  async writeFile(path: string, text: string): Promise<void> {
    await writeFile(path, text, { flag: 'r+' });
  }

  async replaceFile(path: string, text: string | Iterable<string>): Promise<void> {
    await makeFolder(dirname(path), 0o700);
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

  async tryLock(name: string, about: string): Promise<LockAttempt> {
    const folder = await namespaceFolder(this);
    this.#swept ??= removeStaleFolders(folder);
    await this.#swept;
    return await tryNamespaceLock(folder, name, about);
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
 * Creates a file exclusively, so that no link in a shared folder is followed. Replaces a file that
 * a killed process left under this name: in a container its process ID is used again.
 */
async function newFile(path: string): Promise<FileHandle> {
  const create = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  return create().catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await rm(path, { force: true });
    return create();
  });
}
