/** The program `vipc`: gives the words and the streams of the process to `run`. */

import { run } from './run.js';
import { processTerminal } from './terminal.js';

const argv = process.argv.slice(2);
process.exitCode = await run(argv, processTerminal(argv), {
  debug: process.env.VIPC_DEBUG === '1',
});
