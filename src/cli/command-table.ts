/** The commands of the program as plain values: what a man page and completions are made of. */

import type { Argument, Command, Option } from 'commander';
import { optionDescription } from './help.js';
import { knownWords } from './value-words.js';

/** What stands for the value of a flag, or for an argument. */
export interface DescribedValue {
  /** `mode`, without brackets. */
  readonly name: string;
  readonly description: string;
  readonly optional: boolean;
  /** The words that it can have; none where any text will do. */
  readonly words: readonly string[];
  readonly path: 'file' | 'folder' | 'none';
}

/** A flag as the help has it. */
export interface DescribedFlag {
  /** `-f` and `--filename`, or one of both. */
  readonly names: readonly string[];
  /** `-f, --filename <path>` */
  readonly usage: string;
  readonly description: string;
  readonly value?: DescribedValue;
}

/** A command, or the program, whose flags are those without a command. */
export interface DescribedCommand {
  readonly name: string;
  /** `vipc apply [options] [plan]` */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  readonly flags: readonly DescribedFlag[];
  readonly arguments: readonly DescribedValue[];
}

/** What is described of a command, and of all commands of a program with all flags. */
export function describeCommand(command: Command): DescribedCommand {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: help.commandUsage(command),
    summary: command.summary(),
    description: command.description(),
    flags: help.visibleOptions(command).map(describeFlag),
    arguments: command.registeredArguments.map((one) => describeValue(one, one.name())),
  };
}

function describeFlag(option: Option): DescribedFlag {
  const { flags, short, long } = option;
  const name = /[<[]([^>\]]+)[>\]]$/.exec(flags)?.[1];
  return {
    names: [short, long].filter((one) => one !== undefined),
    usage: flags,
    description: optionDescription(option),
    ...(name !== undefined && { value: describeValue(option, name) }),
  };
}

/** What stands in a flag's brackets says what its value is: help, man page and completion agree. */
function describeValue(of: Option | Argument, name: string): DescribedValue {
  const folder = name === 'folder' ? 'folder' : 'none';
  return {
    name,
    description: of.description,
    optional: !of.required,
    words: knownWords(of),
    path: /^(?:file|path|plan)\b/.test(name) ? 'file' : folder,
  };
}
