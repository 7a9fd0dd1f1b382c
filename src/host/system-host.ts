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
import type { Readable } from 'node:stream';
import type { Command, CommandResult, Host, LockAttempt, NetworkInterface } from './host.js';
import { namespaceFolder } from './namespace-folder.js';
import { tryNamespaceLock } from './namespace-lock.js';
import { removeStaleFolders } from './stale-folders.js';
import { openWholeInput } from './whole-input.js';

const DEFAULT_TIMEOUT = 10_000;
/**
 * Bytes. Dumps of whole hosts pass through here, and one that was cut must not look whole; Node's
 * strings end here too.
 */
const MAX_OUTPUT = 512 * 1024 * 1024;

/** Programs that are remembered by number: more than any change starts. */
const REMEMBERED = 64;

/**
 * Runs its arguments, and ends them when its standard input ends, which it does also where this
 * process is killed. The shell becomes the program; what watches the input holds nothing that
 * anybody waits for.
 */
const NOT_LONGER_THAN_US =
  'exec 3<&0; { cat <&3; kill "$$"; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** The machine that vipc runs on. */
export class SystemHost implements Host {
  readonly #started: number[] = [];
  /** Two writers of one file in this process have a draft each. */
  #drafts = 0;
  /** Folders of other namespaces are looked at once in the life of a process. */
  #swept: Promise<void> | undefined;

  async run(request: Command): Promise<CommandResult> {
    // Loaded late: `vipc compile` never starts a program.
    const { execa } = await import('execa');
    const input =
      request.input === undefined
        ? undefined
        : Buffer.from(request.input, request.bytes ? 'latin1' : 'utf8');
    const file = input === undefined ? undefined : await openWholeInput(input);
    const subprocess = execa(request.command, request.args, {
      reject: false,
      stripFinalNewline: false,
      maxBuffer: MAX_OUTPUT,
      timeout: request.timeout ?? DEFAULT_TIMEOUT,
      env: environment(),
      detached: request.detached ?? false,
      encoding: request.bytes ? 'latin1' : 'utf8',
      stdin: file?.createReadStream() ?? (input === undefined ? 'ignore' : 'pipe'),
      ...(input === undefined || file !== undefined ? {} : { input }),
      ...(request.signal === undefined ? {} : { cancelSignal: request.signal }),
    });
    this.#note(subprocess.pid);
    const result = await subprocess;
    await file?.close();
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

  async follow(
    request: Omit<Command, 'input'>,
    onLine: (line: string) => void,
  ): Promise<CommandResult> {
    const { execa } = await import('execa');
    const { command, args, bytes, timeout, signal } = request;
    const subprocess = execa('sh', ['-c', NOT_LONGER_THAN_US, 'sh', command, ...args], {
      reject: false,
      stripFinalNewline: false,
      stdin: 'pipe',
      buffer: { stdout: false, stderr: true },
      env: environment(),
      ...(timeout === undefined ? {} : { timeout }),
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    this.#note(subprocess.pid);
    eachLine(subprocess.stdout, bytes === true ? 'latin1' : 'utf8', onLine);
    subprocess.once('exit', () => subprocess.stdin.destroy());
    const {
      exitCode,
      timedOut,
      isCanceled,
      signal: by,
      stderr,
      originalMessage,
    } = await subprocess;
    const said = { stdout: '', stderr };
    // What the shell says of a program that is not there or may not be executed.
    if (exitCode === 126 || exitCode === 127) return { kind: 'missing', reason: stderr.trim() };
    if (exitCode !== undefined) return { kind: 'exited', code: exitCode, ...said };
    if (timedOut) return { kind: 'killed', by: 'timeout', signal: by ?? '', ...said };
    if (isCanceled) return { kind: 'killed', by: 'abort', signal: by ?? '', ...said };
    if (by !== undefined) return { kind: 'killed', by: 'signal', signal: by, ...said };
    return { kind: 'missing', reason: originalMessage ?? 'it could not be started' };
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
 * An exclusive new file: a link that somebody laid out in a shared folder is not followed. What a
 * killed process left under this name goes: in a container each process has the number of the one
 * before.
 */
async function newFile(path: string): Promise<FileHandle> {
  const create = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  return create().catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await rm(path, { force: true });
    return create();
  });
}

/** Messages are read by us, so they have to be in one language; sbin is not in everybody's PATH. */
function environment(): { readonly LC_ALL: string; readonly PATH: string } {
  return { LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
}

/** Hands on each line; one that is not ended by a line feed when the text ends counts too. */
function eachLine(
  stream: Readable,
  encoding: 'latin1' | 'utf8',
  onLine: (line: string) => void,
): void {
  let rest = '';
  stream.setEncoding(encoding);
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

/**
 * A folder and those above it. Node's own `recursive` tries for ever where the kernel makes no
 * folders, as in /proc.
 */
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
