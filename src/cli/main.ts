/**
 * The program `vipc`: gives the process's words and streams to `run`. `vipc --version` alone loads
 * nothing else, so that it takes no longer than Node.js itself.
 */

import { processTerminal } from './terminal.js';
import { version } from './version.js';

const argv = process.argv.slice(2);
const terminal = processTerminal(argv);
const isVersion = argv.length === 1 && argv[0] === '--version';
const isPrinted =
  isVersion &&
  (await terminal.writeOutput(`${version()}\n`).then(
    () => true,
    () => false,
  ));
if (!isPrinted) {
  const { run } = await import('./run.js');
  process.exitCode = await run(argv, terminal, { debug: process.env.VIPC_DEBUG === '1' });
}
