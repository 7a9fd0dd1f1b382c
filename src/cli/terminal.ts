/** Where a command reads and writes: the streams of the process, or strings in a test. */

import { InputError, InterruptedError, OutputError } from '../errors.js';
import { decodeText } from '../input/text.js';

/** The three streams of a command, and what is known about the person behind them. */
export interface Terminal {
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  /** Writes the result. Rejects with {@link ClosedPipe} if nobody reads any more, else with OutputError. */
  readonly writeOutput: (text: string) => Promise<void>;
  /** Writes what is said about the result. Never rejects: there is nobody left to tell. */
  readonly writeError: (text: string) => Promise<void>;
  /** Whether a person reads the diagnostics as they come. */
  readonly interactive: boolean;
  readonly colour: boolean;
}

/** Called with the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

/** The reader of standard output has gone, as after `| head`: the command ends quietly. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** The streams of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  // Failures reach the callback of each write; without a listener they would also end the process.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  return {
    readInput: () => readAll(stdin),
    writeOutput: (text) => writeAll(stdout, text),
    writeError: (text) => writeAll(stderr, text).catch(() => {}),
    interactive: stderr.isTTY === true,
    colour: stderr.isTTY === true && env.NO_COLOR === undefined,
  };
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  try {
    return decodeText(Buffer.concat(chunks), 'standard input');
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError('standard input is larger than 512 MB', {
      cause,
      hint: 'give several smaller files with -f',
    });
  }
}

function writeAll(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined) return resolve();
      if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) {
        return reject(new ClosedPipe());
      }
      return reject(
        new OutputError(`standard output cannot be written: ${error.message}`, { cause: error }),
      );
    });
  });
}

/** A wish to stop that the work looks at. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What an error means, once the wish is there. */
  readonly errorFor: (error: unknown) => unknown;
  /** Gives the signals back their usual meaning. */
  readonly end: () => void;
}

/** Listens to SIGINT, SIGTERM and SIGHUP until its end. A change of the kernel that has begun is finished first. */
export function interruption(): Interruption {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): void => controller.abort();
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    errorFor: (error) =>
      controller.signal.aborted && !(error instanceof InterruptedError)
        ? new InterruptedError('interrupted', { cause: error })
        : error,
    end: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
