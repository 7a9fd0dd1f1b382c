#!/usr/bin/env node
/**
 * The program `vipc`: gives the process's words and streams to `run`. `vipc --version` alone loads nothing
 * else, so that it takes no longer than Node.js itself.
 */

import { processTerminal } from './terminal.js';
import { version } from './version.js';

const [first, ...rest] = process.argv.slice(2);
const terminal = processTerminal();
if (first === '--version' && rest.length === 0) {
  await terminal.writeOutput(`${version()}\n`).catch(() => {});
} else {
  const { run } = await import('./run.js');
  process.exitCode = await run(process.argv.slice(2), terminal, {
    debug: process.env.VIPC_DEBUG === '1',
  });
}
