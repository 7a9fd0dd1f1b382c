/** Runs a command line of vipc in this process, with strings for the streams. */

import { run } from '../../../src/cli/run.js';

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `vipc ...argv` does with this standard input. */
export async function runCommandLine(argv: readonly string[], stdin = ''): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(
    argv,
    {
      readInput: async () => stdin,
      writeOutput: async (text) => {
        stdout += text;
      },
      writeError: async (text) => {
        stderr += text;
      },
      interactive: false,
      colour: { output: false, error: false },
    },
    { debug: true },
  );
  return { exitCode, stdout, stderr };
}
