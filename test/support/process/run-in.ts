/** Runs a command line in this process and keeps what it wrote. */

import { run } from '../../../src/cli/run.js';
import { ClosedPipe } from '../../../src/cli/terminal.js';
import { MemoryTerminal, type StreamOptions } from './memory-terminal.js';

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How the command is run. */
interface TerminalOptions extends StreamOptions {
  readonly debug?: boolean;
  /** Standard output is closed by its reader. */
  readonly closed?: boolean;
}

/** Runs `vipc WORDS` with this standard input. */
export async function runIn(
  words: readonly string[],
  input = '',
  options: TerminalOptions = {},
): Promise<Ran> {
  const terminal = new MemoryTerminal(input, options);
  if (options.closed === true)
    terminal.writeOutput = async () => {
      throw new ClosedPipe();
    };
  const code = await run(words, terminal, { debug: options.debug ?? false });
  return { code, out: terminal.out, err: terminal.err };
}
