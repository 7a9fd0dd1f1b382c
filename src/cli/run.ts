/**
 * Runs one command line from its words to its exit code. Every failure ends here, as words for a
 * person.
 */

import { type Command, CommanderError } from 'commander';
import type { Diagnostic } from '../diagnostics.js';
import { ERROR_CODES } from '../error-codes.js';
import { ConfigError, messageOf, SnapshotError, UsageError, VipcError } from '../errors.js';
import { nearestName } from '../nearest-name.js';
import { buildProgram, COMMAND_NAMES } from './program.js';
import { ClosedPipe, type Terminal } from './terminal.js';
import { diagnosticLines, errorLines } from './views/diagnostics.js';
import { jsonDocument } from './views/json-document.js';

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
  try {
    return await runCommand(argv, terminal);
  } catch (error) {
    return fail(error, argv, terminal, debug);
  }
}

async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  let help = Promise.resolve();
  const program = await buildProgram(
    argv,
    terminal,
    (code) => {
      exitCode = code;
    },
    (writing) => {
      help = Promise.all([help, writing]).then(() => {});
    },
  );
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.unknownOption') throw await unknownFlag(error, program, argv);
    if (error.exitCode !== 0) throw error;
  }
  await help;
  return exitCode;
}

async function fail(
  error: unknown,
  argv: readonly string[],
  terminal: Terminal,
  debug: boolean,
): Promise<number> {
  // Standard output is closed: the work is done, as for every program before `| head`.
  if (error instanceof ClosedPipe) return 0;
  const known = error instanceof CommanderError ? usageError(error, argv) : error;
  if (!(known instanceof VipcError)) {
    await terminal.writeError(defectText(known, terminal.colour.error, debug));
    await writeErrorJson(argv, terminal, { code: 'defect', message: messageOf(known), hint: '' });
    return ERROR_CODES.defect.exitCode;
  }
  await terminal.writeError(failureText(known, argv, terminal));
  await writeErrorJson(argv, terminal, known);
  return known.exitCode;
}

/**
 * With `-o json` the result is JSON also where there is none: `{"error": {"code", "message",
 * "hint"}}`.
 */
async function writeErrorJson(
  argv: readonly string[],
  terminal: Terminal,
  { code, message, hint }: Pick<VipcError, 'code' | 'message' | 'hint'>,
): Promise<void> {
  if (!wantsJson(argv)) return;
  await terminal
    .writeOutput(jsonDocument('Error', { error: { code, message, hint } }))
    .catch(() => {});
}

/**
 * Whether a command line that may be wrong elsewhere asks for JSON: `-o json`, `-ojson`,
 * `--output=json`.
 */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, i) =>
      /^(?:-o=?|--output=)json$/.test(word) ||
      ((word === '-o' || word === '--output') && argv[i + 1] === 'json'),
  );
}

function failureText(error: VipcError, argv: readonly string[], { colour }: Terminal): string {
  if (error instanceof UsageError)
    return `${errorLines(error.message, error.hint, colour.error)}${usageAdvice(argv)}\n`;
  const details: readonly Diagnostic[] =
    error instanceof SnapshotError || error instanceof ConfigError ? error.diagnostics : [];
  const lines = diagnosticLines(details, 0, { colour });
  // The message of a ConfigError is made of its diagnostics.
  if (error instanceof ConfigError && details.length > 0) return lines;
  return `${lines}${errorLines(error.message, error.hint, colour.error)}`;
}

function defectText(error: unknown, colour: boolean, debug: boolean): string {
  const message = messageOf(error);
  const stack = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const hint = debug
    ? 'please report it'
    : 'run again with VIPC_DEBUG=1 for the stack, and please report it';
  return `${errorLines(`a defect in vipc: ${message}`, hint, colour)}${stack}`;
}

/** The error to print for what commander threw. */
function usageError(error: CommanderError, argv: readonly string[]): UsageError {
  const { message, meant } = fault(error, argv);
  const hint = meant === undefined ? '' : `did you mean ${meant}?`;
  return new UsageError(message, { cause: error, hint });
}

/** The error for a flag that the command of the line does not have. */
async function unknownFlag(
  error: CommanderError,
  program: Command,
  argv: readonly string[],
): Promise<UsageError> {
  const quoted = quotedWord(error);
  if (!quoted.startsWith('--'))
    return new UsageError(`unknown shorthand flag: '${quoted.slice(1, 2)}' in ${quoted}`, {
      cause: error,
    });
  const flag = quoted.replace(/=.*$/s, '');
  const command = program.commands.find((one) => one.name() === commandOf(argv)) ?? program;
  const known = command.options.flatMap(({ long }) => long?.slice(2) ?? []);
  // Its table of kube-proxy's flags is not needed where all is well.
  const { unknownFlagHint } = await import('./unknown-flag.js');
  const hint = unknownFlagHint(flag.slice(2), known);
  return new UsageError(`unknown flag: ${flag}`, { cause: error, hint });
}

/** What commander's message quotes. */
function quotedWord(error: CommanderError): string {
  return /'(?<word>[^']*)'/.exec(error.message)?.groups?.word ?? '';
}

function commandOf(argv: readonly string[]): string | undefined {
  return argv.find((word) => COMMAND_NAMES.includes(word));
}

/** `See 'vipc compile --help' for usage.` */
function usageAdvice(argv: readonly string[]): string {
  const command = commandOf(argv);
  return `See '${command === undefined ? 'vipc' : `vipc ${command}`} --help' for usage.`;
}

function fault(
  error: CommanderError,
  argv: readonly string[],
): {
  readonly message: string;
  readonly meant?: string | undefined;
} {
  const quoted = quotedWord(error);
  switch (error.code) {
    case 'commander.optionMissingArgument':
      return { message: `flag needs an argument: ${/--[a-z-]+/.exec(quoted)?.[0] ?? quoted}` };
    case 'commander.unknownCommand':
      return unknownCommand(quoted);
    // `vipc help WORD`, where no command has that name.
    case 'commander.help':
      return unknownCommand(argv.find((word) => word !== 'help' && !word.startsWith('-')) ?? '');
    case 'commander.excessArguments': {
      const files = /^(?:cleanup|host|snapshot)$/.test(quoted) ? '' : '; files are given with -f';
      return { message: `${quoted} takes no arguments${files}` };
    }
    default:
      return { message: error.message.replace(/^error: /, '') };
  }
}

function unknownCommand(word: string): {
  readonly message: string;
  readonly meant?: string | undefined;
} {
  return {
    message: `unknown command ${JSON.stringify(word)} for "vipc"`,
    meant: nearestName(word, COMMAND_NAMES),
  };
}
