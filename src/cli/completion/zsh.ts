/** The completion of zsh. */

import type { DescribedCommand, DescribedFlag, DescribedValue } from '../command-table.js';

const TAIL = `if [[ $funcstack[1] == _vipc ]]; then
  _vipc "$@"
else
  compdef _vipc vipc
fi
`;

/** A script for a folder of `fpath`, named `_vipc`, or for `source <(vipc completion zsh)`. */
export function zshCompletion(
  program: DescribedCommand,
  commands: readonly DescribedCommand[],
): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${summary}`));
  const help = quoted('help:print the help of a command');
  return [
    '#compdef vipc',
    '# Completion of vipc for zsh, written by "vipc completion zsh".',
    '_vipc() {',
    '  local state line',
    '  local -a commands',
    `  commands=(${[...names, help].join('\n    ')})`,
    `  _arguments -C ${program.flags.flatMap(flagSpecs).join(' ')} \\`,
    "    '1:command:->command' '*::argument:->argument' && return",
    '  if [[ $state == command ]]; then',
    '    _describe command commands && return',
    '  fi',
    '  case $line[1] in',
    `    help) _values command ${commands.map(({ name }) => name).join(' ')} ;;`,
    ...commands.map(commandCase),
    '  esac',
    '}',
    TAIL,
  ].join('\n');
}

function commandCase({ name, flags, arguments: values }: DescribedCommand): string {
  const places = values.map((value) => {
    const many = value.name.endsWith('s') || value.path === 'file' ? '*' : '1';
    return quoted(`${many}:${escaped(value.name)}:${action(value)}`);
  });
  const specs = [...flags.flatMap(flagSpecs), ...places];
  return [`    ${name})`, '      _arguments \\', `        ${specs.join(' \\\n        ')} ;;`].join(
    '\n',
  );
}

/** A flag as `_arguments` takes it: one word for each of its names. */
function flagSpecs({ names, description, value }: DescribedFlag): readonly string[] {
  const text = `[${escaped(description)}]`;
  return names.map((name) => {
    if (value === undefined) return quoted(`${name}${text}`);
    const joined = name.startsWith('--') ? '=' : '+';
    const colons = value.optional ? '::' : ':';
    return quoted(`*${name}${joined}${text}${colons}${escaped(value.name)}:${action(value)}`);
  });
}

function action({ words, path }: DescribedValue): string {
  if (words.length > 0) return `(${words.join(' ')})`;
  if (path === 'none') return ' ';
  return path === 'folder' ? '_files -/' : '_files';
}

/** Text between the marks of `_arguments`. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
