/** Starts programs whose output is read. The only file that does. */

import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ResultPromise } from 'execa';
import { systemClock } from './clock.js';
import type { Command, CommandResult } from './host.js';
import { canRun } from './process-state.js';
import { inputBytes, openWholeInput } from './program-input.js';
import { resultOf, unstarted } from './program-result.js';
import { spawned } from './spawned.js';

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
export type Started = (pid: number | undefined) => void;

/** Runs a program on this machine as `Host.run` describes it. */
export async function runProgram(request: Command, started: Started): Promise<CommandResult> {
  // Loaded late: `vipc compile` never starts a program.
  const { execa } = await import('execa');
  const { signal } = request;
  const timeout = request.terminal ? undefined : (request.timeout ?? DEFAULT_TIMEOUT);
  const { file, streams } = await openStreams(request);
  try {
    const start = await spawned(() =>
      execa(request.command, request.args, {
        ...optionsOf(request),
        ...streams,
        ...(timeout === undefined ? {} : { timeout }),
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      }),
    );
    if ('error' in start) return unstarted(start.error.message);
    const { program } = start;
    started(program.pid);
    const stopWaiting = closeOutputs(program, timeout);
    const result = await program;
    stopWaiting();
    return resultOf(result, result.stdout, result.stderr ?? '');
  } finally {
    await file?.close();
  }
}

function optionsOf({
  bytes,
  maxOutput = MAX_OUTPUT,
  variables = toolVariables(),
  detached = false,
}: Command) {
  return {
    reject: false,
    stripFinalNewline: false,
    maxBuffer: maxOutput,
    env: variables,
    detached,
    encoding: bytes ? 'latin1' : 'utf8',
  } as const;
}

/** A program that was started before there is an input for it. */
export interface WaitingProgram {
  /** `false` once it has ended or was stopped, as by a debugger. */
  readonly isThere: () => boolean;
  /** Ends it, in whatever state it is. */
  readonly end: () => void;
  /**
   * Gives it the input of a request, {@link fitsPipe}, and waits for its end. Called once, with a
   * request that differs from that of its start in nothing but input, timeout and signal.
   */
  readonly finish: (request: Command) => Promise<CommandResult>;
}

/**
 * Starts the program of a request without its input. As long as it waits it does not keep this
 * process; where this process ends, its input ends too.
 */
export async function startWaiting(request: Command, started: Started): Promise<WaitingProgram> {
  const { execa } = await import('execa');
  const end = new AbortController();
  const start = await spawned(() =>
    execa(request.command, request.args, {
      ...optionsOf(request),
      stdin: 'pipe',
      cancelSignal: end.signal,
    }),
  );
  if ('error' in start) throw start.error;
  const subprocess = start.program;
  started(subprocess.pid);
  const { pid, stdin, stdout, stderr } = subprocess;
  const sockets = [stdin, stdout, stderr].filter((stream) => stream instanceof Socket);
  for (const handle of [subprocess, ...sockets]) handle.unref();
  return {
    isThere: () => pid !== undefined && !hasEnded(subprocess) && canRun(pid),
    end: () => void subprocess.kill('SIGKILL'),
    finish: async (next) => {
      const { timeout = DEFAULT_TIMEOUT, signal } = next;
      started(pid);
      for (const handle of [subprocess, ...sockets]) handle.ref();
      let timedOut = false;
      const timer = systemClock.after(timeout, () => {
        timedOut = true;
        end.abort();
      });
      const abort = (): void => end.abort();
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      const stopWaiting = closeOutputs(subprocess, timeout);
      stdin.end(inputBytes(next));
      const result = await subprocess;
      stopWaiting();
      timer.cancel();
      signal?.removeEventListener('abort', abort);
      const { exitCode, signal: by, isCanceled, originalMessage } = result;
      const ended = { exitCode, signal: by, timedOut, isCanceled, originalMessage };
      return resultOf(ended, result.stdout, result.stderr);
    },
  };
}

function hasEnded({
  exitCode,
  signalCode,
}: Pick<ResultPromise, 'exitCode' | 'signalCode'>): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The standard streams of a program, and the file that is its input where that is long. */
async function openStreams(request: Command) {
  if (request.terminal)
    return { file: undefined, streams: { stdin: 'inherit', stderr: 'inherit' } as const };
  if (request.input === undefined)
    return { file: undefined, streams: { stdin: 'ignore' } as const };
  const buffer = inputBytes(request);
  const file = await openWholeInput(buffer);
  return {
    file,
    streams: file === undefined ? { input: buffer } : { stdin: file.createReadStream() },
  };
}

/** Runs a program on this machine as `Host.follow` describes it. */
export async function followProgram(
  request: Omit<Command, 'input'>,
  onLine: (line: string) => void,
  started: Started,
): Promise<CommandResult> {
  const { execa } = await import('execa');
  const { command, args, bytes, timeout, signal } = request;
  const start = await spawned(() =>
    execa('sh', ['-c', NOT_LONGER_THAN_US, 'sh', command, ...args], {
      reject: false,
      stripFinalNewline: false,
      stdin: 'pipe',
      buffer: { stdout: false, stderr: true },
      env: toolVariables(),
      ...(timeout === undefined ? {} : { timeout }),
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    }),
  );
  if ('error' in start) return unstarted(start.error.message);
  const subprocess = start.program;
  started(subprocess.pid);
  eachLine(subprocess.stdout, bytes === true ? 'latin1' : 'utf8', onLine);
  subprocess.once('exit', () => subprocess.stdin.destroy());
  const result = await subprocess;
  // What the shell says of a program that is not there or may not be executed.
  if (result.exitCode === 126 || result.exitCode === 127)
    return { kind: 'missing', reason: result.stderr.trim() };
  return resultOf(result, '', result.stderr);
}

/**
 * Closes the outputs of a program once it was killed, and of one that ended when its time is up:
 * children that it left behind may hold them open. Returns what stops the timer.
 */
function closeOutputs(
  program: Pick<ResultPromise, 'once' | 'killed' | 'exitCode' | 'stdout' | 'stderr'>,
  timeout: number | undefined,
): () => void {
  const close = (): void => {
    program.stdout?.destroy();
    program.stderr?.destroy();
  };
  program.once('exit', () => program.killed && close());
  if (timeout === undefined) return () => {};
  const timer = systemClock.after(timeout, () => program.exitCode !== null && close());
  return timer.cancel;
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
