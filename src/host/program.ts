/** Programs whose output is read. */

import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Command, CommandResult } from './host.js';
import { type End, startProgram } from './started.js';

/** Milliseconds. */
export const DEFAULT_TIMEOUT = 10_000;
/**
 * Bytes. A dump of a large host must fit, because one that was cut would look complete. Node's
 * strings have the same limit.
 */
const MAX_OUTPUT = 512 * 1024 * 1024;

/**
 * A shell script that runs its arguments as a program and kills it when standard input ends, which
 * happens also if this process is killed. The shell itself becomes the program. The subshell that
 * watches the input holds no output open.
 */
const NOT_LONGER_THAN_US =
  'exec 3<&0; { cat <&3; kill "$$"; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** Called with the number of a program that was started; `undefined` where it could not be. */
type Started = (pid: number | undefined) => void;

/** Runs a program on this machine as `Host.run` describes it. */
export async function runProgram(request: Command, started: Started): Promise<CommandResult> {
  const { command, args, bytes, input, terminal, signal } = request;
  const { maxOutput = MAX_OUTPUT, variables = toolVariables(), detached = false } = request;
  const encoding = bytes ? 'latin1' : 'utf8';
  const buffer = input === undefined || terminal ? undefined : Buffer.from(input, encoding);
  const file = buffer && (await openWholeInput(buffer));
  const { child, end, stop } = startProgram({
    command,
    args,
    options: {
      env: { ...process.env, ...variables },
      detached,
      stdio: [
        terminal ? 'inherit' : (file?.fd ?? (buffer === undefined ? 'ignore' : 'pipe')),
        'pipe',
        terminal ? 'inherit' : 'pipe',
      ],
    },
    timeout: terminal ? undefined : (request.timeout ?? DEFAULT_TIMEOUT),
    signal,
  });
  started(child?.pid);
  const stdout = textOf(child?.stdout, encoding, maxOutput, stop);
  const stderr = textOf(child?.stderr, encoding, maxOutput, stop);
  // A program that does not read its input says itself what is wrong, or nothing is.
  child?.stdin?.on('error', () => {});
  child?.stdin?.end(buffer);
  const ended = await end;
  await file?.close();
  return resultOf(ended, stdout(), stderr());
}

/** Runs a program on this machine as `Host.follow` describes it. */
export async function followProgram(
  request: Omit<Command, 'input'>,
  onLine: (line: string) => void,
  started: Started,
): Promise<CommandResult> {
  const { command, args, bytes, timeout, signal } = request;
  const { child, end, stop } = startProgram({
    command: 'sh',
    args: ['-c', NOT_LONGER_THAN_US, 'sh', command, ...args],
    options: { env: { ...process.env, ...toolVariables() } },
    timeout,
    signal,
  });
  started(child?.pid);
  if (child?.stdout) eachLine(child.stdout, bytes === true ? 'latin1' : 'utf8', onLine);
  const stderr = textOf(child?.stderr, 'utf8', MAX_OUTPUT, stop);
  const ended = await end;
  // What the shell says of a program that is not there or may not be executed.
  if (ended.kind === 'exited' && (ended.code === 126 || ended.code === 127))
    return { kind: 'missing', reason: stderr().trim() };
  return resultOf(ended, '', stderr());
}

function resultOf(end: End, stdout: string, stderr: string): CommandResult {
  return end.kind === 'missing' ? end : { ...end, stdout, stderr };
}

/** What a stream gives, up to so many characters; then it is closed, and `tooLong` called. */
function textOf(
  stream: Readable | null | undefined,
  encoding: 'latin1' | 'utf8',
  most: number,
  tooLong: () => void,
): () => string {
  const pieces: string[] = [];
  let length = 0;
  stream?.setEncoding(encoding);
  stream?.on('data', (text: string) => {
    pieces.push(text.slice(0, most - length));
    length += text.length;
    if (length <= most) return;
    stream.destroy();
    tooLong();
  });
  return () => pieces.join('');
}

/** Messages are parsed, so they must be in English. Not every user has sbin in PATH. */
function toolVariables(): Readonly<Record<string, string>> {
  return { LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
}

/** Calls `onLine` with each line, the last one also without a line feed. */
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
 * Bytes. A pipe takes this much before the program reads anything. If vipc is killed while it
 * writes a longer input, the program reads only its beginning, and nft carries out the commands in
 * that.
 */
const PIPE_CAPACITY = 64 * 1024;

/**
 * An unlinked file with the input, for the program's standard input; `undefined` where a pipe is
 * enough, or where no temporary file can be written.
 */
async function openWholeInput(input: Buffer): Promise<FileHandle | undefined> {
  if (input.length <= PIPE_CAPACITY) return undefined;
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), 'vipc-input-'));
    const file = join(folder, 'input');
    await writeFile(file, input, { flag: 'wx', mode: 0o600 });
    return await open(file, 'r');
  } catch {
    return undefined;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
