#!/usr/bin/env node
/** The program `vipc`: gives the process's words and streams to {@link run}. */

import { run } from './run.js';
import { processTerminal } from './terminal.js';

process.exitCode = await run(process.argv.slice(2), processTerminal(), {
  debug: process.env.VIPC_DEBUG === '1',
});
