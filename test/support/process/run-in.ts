/** Runs a command line in this process and keeps what it wrote. */

import { MemoryTerminal, type StreamOptions } from './memory-terminal.js';

// Commands are loaded by import(), so their caller must be too: mocha loads what a test names by
// require(), which gives every class a second identity.
const modules = Promise.all([
  import('../../../src/cli/run.js'),
  import('../../../src/cli/terminal.js'),
]);

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How the command is run. */
export interface TerminalOptions extends StreamOptions {
  readonly debug?: boolean;
  /** The reader of standard output has gone. */
  readonly closed?: boolean;
}

/** Runs `vipc WORDS` with this standard input. */
export async function runIn(
  words: readonly string[],
  input = '',
  options: TerminalOptions = {},
): Promise<Ran> {
  const [{ run }, { ClosedPipe }] = await modules;
  const terminal = new MemoryTerminal(input, options);
  if (options.closed === true)
    terminal.writeOutput = async () => {
      throw new ClosedPipe();
    };
  const code = await run(words, terminal, { debug: options.debug ?? false });
  return { code, out: terminal.out, err: terminal.err };
}
