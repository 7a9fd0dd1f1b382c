/** Runs a command line in this process and keeps what it wrote. */

import type { Terminal } from '../../../src/cli/terminal.js';

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

/** How the streams behave. */
export interface TerminalOptions {
  readonly interactive?: boolean;
  readonly colour?: boolean;
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
  let out = '';
  let err = '';
  const terminal: Terminal = {
    readInput: async () => input,
    writeOutput: async (text) => {
      if (options.closed === true) throw new ClosedPipe();
      out += text;
    },
    writeError: async (text) => {
      err += text;
    },
    interactive: options.interactive ?? false,
    colour: { output: options.colour ?? false, error: options.colour ?? false },
  };
  const code = await run(words, terminal, { debug: options.debug ?? false });
  return { code, out, err };
}
