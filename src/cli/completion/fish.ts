/** The completion of fish. */

import type { DescribedCommand, DescribedFlag, DescribedValue } from '../command-table.js';

/** A script for `vipc.fish` in a folder of completions, or for `vipc completion fish | source`. */
export function fishCompletion(
  program: DescribedCommand,
  commands: readonly DescribedCommand[],
): string {
  const names = commands.map(({ name }) => name);
  const none = condition('');
  return [
    '# Completion of vipc for fish, written by "vipc completion fish".',
    '# Whether this is the command of the line; without an argument: whether there is none yet.',
    'function __vipc_command',
    '  for word in (commandline -opc)[2..]',
    `    if contains -- $word ${names.join(' ')} help`,
    '      test "$word" = "$argv[1]"',
    '      return',
    '    end',
    '  end',
    '  test -z "$argv[1]"',
    'end',
    'complete -c vipc -f',
    ...program.flags.map((flag) => flagLine(none, flag)),
    ...commands.map(({ name, summary }) => `${none} -a ${name} -d ${quoted(summary)}`),
    `${none} -a help -d 'print the help of a command'`,
    `${condition('help')} -a '${names.join(' ')}'`,
    ...commands.flatMap(commandLines),
    '',
  ].join('\n');
}

function commandLines({ name, flags, arguments: values }: DescribedCommand): readonly string[] {
  const here = condition(name);
  const places = values.flatMap((value) => {
    if (value.words.length > 0) return [`${here} -a '${value.words.join(' ')}'`];
    return value.path === 'file' ? [`${here} -F`] : [];
  });
  return [...flags.map((flag) => flagLine(here, flag)), ...places];
}

function flagLine(here: string, { names, description, value }: DescribedFlag): string {
  const spelled = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const words = value === undefined ? [] : valueWords(value);
  return [here, ...spelled, ...words, '-d', quoted(description)].join(' ');
}

function valueWords({ optional, words, path }: DescribedValue): readonly string[] {
  if (words.length > 0) return [optional ? '-f' : '-x', `-a '${words.join(' ')}'`];
  if (path === 'none') return optional ? [] : ['-x'];
  return path === 'folder' ? ['-x', "-a '(__fish_complete_directories)'"] : ['-r', '-F'];
}

function condition(command: string): string {
  return `complete -c vipc -n '__vipc_command ${command}'`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
