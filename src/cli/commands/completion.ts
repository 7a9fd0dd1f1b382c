/** `vipc completion`: what a shell needs to complete commands, flags and their values. */

import type { Command } from 'commander';
import { UsageError } from '../../errors.js';
import { type DescribedCommand, describeCommand } from '../command-table.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import type { Done, Terminal } from '../terminal.js';
import { withWords } from '../value-words.js';

type Shell = 'bash' | 'zsh' | 'fish';

const SCRIPTS: Readonly<
  Record<Shell, (program: DescribedCommand, commands: readonly DescribedCommand[]) => string>
> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

function shellName(text: string): Shell {
  const shell = SHELLS.find((one) => one === text);
  if (shell !== undefined) return shell;
  throw new UsageError(`no completion for ${JSON.stringify(text)}`, {
    hint: `the shells are ${SHELLS.join(', ')}`,
  });
}

const EXAMPLES = `
Examples:
  # In this shell
  source <(vipc completion bash)
  source <(vipc completion zsh)
  vipc completion fish | source

  # In every new one
  vipc completion bash > ~/.local/share/bash-completion/completions/vipc
  vipc completion fish > ~/.config/fish/completions/vipc.fish

  # In zsh: a folder of $fpath
  vipc completion zsh > ~/.zfunc/_vipc
`;

/** Defines the flags, the help and the action, which describes the program of the command. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  command
    .description(
      'Prints a script for a shell, with which it completes commands, flags, their values and names of files.',
    )
    .argument('<shell>', 'bash, zsh or fish', withWords(SHELLS, shellName))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: Shell) => {
      const program = command.parent ?? command;
      const commands = program.commands.map(describeCommand);
      await terminal.writeOutput(SCRIPTS[shell](describeCommand(program), commands));
      done(0);
    });
}
