#!/usr/bin/env sh
':' //; VIPC_STDOUT=open; { true 3>&1; } 2>/dev/null || VIPC_STDOUT=closed; export VIPC_STDOUT; exec node "$0" "$@"
// Starts vipc, as a script of a shell and of Node. Node opens /dev/null in place of a closed
// standard output, so the shell looks first and says in VIPC_STDOUT what it found.
import '../dist/cli/main.js';
