/** Says in kubectl's words what commander found wrong with a command line. */

import type { CommanderError } from 'commander';
import { UsageError } from '../errors.js';
import { nearestName } from '../nearest-name.js';

/** The commands; the first word of a command line that names one is what `--help` is advised for. */
const COMMANDS: readonly string[] = [
  'apply',
  'compile',
  'diff',
  'host',
  'cleanup',
  'snapshot',
  'agent',
];

/** The error to print for what commander threw, or `undefined` if it only ended after help or version. */
export function usageError(error: CommanderError): UsageError | undefined {
  if (error.exitCode === 0) return undefined;
  const { message, meant } = fault(error);
  const hint = meant === undefined ? '' : `did you mean ${meant}?`;
  return new UsageError(message, { cause: error, hint });
}

/** `See 'vipc compile --help' for usage.` */
export function usageAdvice(argv: readonly string[]): string {
  const command = argv.find((word) => COMMANDS.includes(word));
  return `See '${command === undefined ? 'vipc' : `vipc ${command}`} --help' for usage.`;
}

function fault(error: CommanderError): {
  readonly message: string;
  readonly meant?: string | undefined;
} {
  const quoted = /'(?<word>[^']*)'/.exec(error.message)?.groups?.word ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      if (!quoted.startsWith('--')) {
        return { message: `unknown shorthand flag: '${quoted.slice(1, 2)}' in ${quoted}` };
      }
      const guess = /Did you mean --(?<flag>[a-z-]+)\?/.exec(error.message)?.groups?.flag ?? '';
      // Commander guesses generously; a far-fetched guess is worse than none.
      const near = nearestName(quoted.slice(2), [guess]);
      return { message: `unknown flag: ${quoted}`, meant: near === undefined ? near : `--${near}` };
    }
    case 'commander.optionMissingArgument':
      return { message: `flag needs an argument: ${/--[a-z-]+/.exec(quoted)?.[0] ?? quoted}` };
    case 'commander.unknownCommand':
      return {
        message: `unknown command ${JSON.stringify(quoted)} for "vipc"`,
        meant: nearestName(quoted, COMMANDS),
      };
    case 'commander.excessArguments':
      return { message: `${quoted} takes no arguments; files are given with -f` };
    default:
      return { message: error.message.replace(/^error: /, '') };
  }
}
