/** Where a command reads and writes: the streams of the process, or strings in a test. */

import { InterruptedError, OutputError } from '../errors.js';
import { readBounded } from '../host/input-files.js';
import { isLong, pagerCommand, showInPager } from '../host/pager.js';
import { decodeText } from '../input/text.js';
import { printable } from '../printable.js';

/** The three streams of a command, and what is known about the person behind them. */
export interface Terminal {
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  /**
   * Writes the result, in a pager where a person could not see all of it at once. Rejects with
   * {@link ClosedPipe} if its reader has closed it, else with OutputError.
   */
  readonly writeOutput: (text: string) => Promise<void>;
  /** Writes diagnostics about the result. Never rejects: an error could not be reported. */
  readonly writeError: (text: string) => Promise<void>;
  /**
   * Shows what takes long, in one line that the next output overwrites; absent where the output is
   * no terminal.
   */
  readonly progress?: ((text: string) => void) | undefined;
  /** Whether standard error is a terminal. */
  readonly interactive: boolean;
  /** Columns of text that is laid out, such as help; 80 where absent. */
  readonly width?: number | undefined;
  /** Whether the result, and what is said about it, are coloured. */
  readonly colour: { readonly output: boolean; readonly error: boolean };
}

/** Called with the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

/** Standard output was closed by its reader, as by `| head`: the command ends quietly. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** When text is coloured: `auto` where a stream is a terminal. */
export const COLOUR_WORDS = ['auto', 'always', 'never'] as const;

/** What `--color` of a command line says; a word that is no choice is refused elsewhere. */
export function colourChoice(argv: readonly string[]): string {
  const at = argv.findLastIndex((word) => /^--color(?:=|$)/.test(word));
  const word = argv[at] ?? '';
  return word === '--color' ? (argv[at + 1] ?? '') : word.slice('--color='.length) || 'auto';
}

/**
 * Whether text for a stream is coloured: no-color.org, and `TERM=dumb` for terminals without
 * colours.
 */
export function isColoured(
  choice: string,
  isTerminal: boolean,
  { NO_COLOR = '', TERM = '' }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice === 'always' || choice === 'never') return choice === 'always';
  return isTerminal && NO_COLOR === '' && TERM !== 'dumb';
}

/** The streams of this process. */
export function processTerminal(argv: readonly string[]): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const choice = colourChoice(argv);
  // Failures reach the callback of each write; without a listener they would also end the process.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const line = new ProgressLine(stderr);
  return {
    readInput: async () => decodeText(await readBounded(stdin, 'standard input'), 'standard input'),
    writeOutput: async (text) => {
      if (isClosed()) throw new OutputError('standard output is closed');
      line.clear();
      const { isTTY = false, rows, columns } = stdout;
      // A terminal of unknown size has 0 rows.
      const usesPager = isTTY && rows > 0 && isLong(text, rows, columns);
      const pager = usesPager ? pagerCommand(env) : '';
      if (pager !== '' && (await showInPager(text, pager, env))) return;
      await writeAll(stdout, text);
    },
    writeError: (text) => {
      line.clear();
      return writeAll(stderr, text).catch(() => {});
    },
    progress: stderr.isTTY === true && !isQuiet(argv) ? (text) => line.show(text) : undefined,
    interactive: stderr.isTTY === true,
    width: stdout.isTTY === true ? Math.max(stdout.columns, 40) : undefined,
    colour: {
      output: isColoured(choice, stdout.isTTY === true, env),
      error: isColoured(choice, stderr.isTTY === true, env),
    },
  };
}

/** Whether a command line asks for no progress. */
function isQuiet(argv: readonly string[]): boolean {
  return argv.includes('--quiet') || argv.includes('-q');
}

/** The last line of a terminal, while nothing else is written. */
class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    const fitting = printable(text).slice(0, Math.max(this.#stream.columns - 1, 0));
    this.#stream.write(`\r\u001b[K${fitting}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[K');
    this.#isShown = false;
  }
}

/**
 * Whether this process was started without a standard output (`>&-`). Node opens /dev/null in its
 * place, so only bin/vipc.cjs, which looks before Node, knows.
 */
function isClosed(): boolean {
  return process.env.VIPC_STDOUT === 'closed';
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

/** A request to stop, which the work looks at. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** What an error means, once it was made. */
  readonly errorFor: (error: unknown) => unknown;
  /** Gives the signals back their usual meaning. */
  readonly end: () => void;
}

/**
 * Listens to SIGINT, SIGTERM and SIGHUP until its end. A change of the kernel that has begun is
 * finished first.
 */
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
