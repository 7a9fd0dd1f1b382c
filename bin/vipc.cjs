#!/usr/bin/env sh
':' //; VIPC_STDOUT=open; { true 3>&1; } 2>/dev/null || VIPC_STDOUT=closed; export VIPC_STDOUT; exec node "$0" "$@"
// Starts vipc, as a script of a shell and of Node. Node opens /dev/null in place of a closed
// standard output, so the shell looks first and says in VIPC_STDOUT what it found.
// CommonJS, and no module of vipc for `--version`: loading ES modules takes Node 30 ms more.

const { writeSync } = require('node:fs');
const { version } = require('../package.json');

if (!printsVersion()) import('../dist/cli/main.js');

/** Whether that was all. What cannot be written is tried again by the program, which says why. */
function printsVersion() {
  const [, , word, ...others] = process.argv;
  if (word !== '--version' || others.length > 0 || process.env.VIPC_STDOUT === 'closed') return false;
  try {
    writeSync(1, `${version}\n`);
    return true;
  } catch {
    return false;
  }
}
