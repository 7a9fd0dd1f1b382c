/** Runs one command line from its words to its exit code. Every failure ends here, as words for a person. */

import { CommanderError } from 'commander';
import type { Diagnostic } from '../diagnostics.js';
import { ConfigError, SnapshotError, UsageError, VipcError } from '../errors.js';
import { buildProgram } from './program.js';
import { ClosedPipe, type Terminal } from './terminal.js';
import { usageAdvice, usageError } from './usage.js';
import { diagnosticLines, errorLines } from './views/human.js';

/** Exit code of a defect in vipc itself (EX_SOFTWARE). */
const DEFECT = 70;

/** What the environment may change. */
export interface RunOptions {
  /** Whether the stack of a defect is printed (`VIPC_DEBUG=1`). */
  readonly debug: boolean;
}

/** The exit code of a command line. Never rejects. */
export async function run(
  argv: readonly string[],
  terminal: Terminal,
  { debug }: RunOptions,
): Promise<number> {
  let exitCode = 0;
  try {
    const program = buildProgram(terminal, (code) => {
      exitCode = code;
    });
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return fail(error, argv, terminal, debug);
  }
}

async function fail(
  error: unknown,
  argv: readonly string[],
  terminal: Terminal,
  debug: boolean,
): Promise<number> {
  // Nobody reads the result: the work is done, as for every program before `| head`.
  if (error instanceof ClosedPipe) return 0;
  const known = error instanceof CommanderError ? usageError(error) : error;
  if (known === undefined) return 0;
  if (!(known instanceof VipcError)) {
    await terminal.writeError(defectText(known, terminal.colour, debug));
    return DEFECT;
  }
  await terminal.writeError(failureText(known, argv, terminal.colour));
  return known.exitCode;
}

function failureText(error: VipcError, argv: readonly string[], colour: boolean): string {
  if (error instanceof UsageError)
    return `${errorLines(error.message, error.hint, colour)}${usageAdvice(argv)}\n`;
  const details: readonly Diagnostic[] =
    error instanceof SnapshotError || error instanceof ConfigError ? error.diagnostics : [];
  const lines = diagnosticLines(details, 0, { colour });
  // The message of a ConfigError is made of its diagnostics.
  if (error instanceof ConfigError && details.length > 0) return lines;
  return `${lines}${errorLines(error.message, error.hint, colour)}`;
}

function defectText(error: unknown, colour: boolean, debug: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const hint = debug
    ? 'please report it'
    : 'run again with VIPC_DEBUG=1 for the stack, and please report it';
  return `${errorLines(`a defect in vipc: ${message}`, hint, colour)}${stack}`;
}
