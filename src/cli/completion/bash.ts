/** The completion of bash. */

import type { DescribedCommand, DescribedValue } from '../command-table.js';

const HEAD = `# Completion of vipc for bash, written by "vipc completion bash".
_vipc() {
  local current=\${COMP_WORDS[COMP_CWORD]} before='' command='' i
  ((COMP_CWORD > 0)) && before=\${COMP_WORDS[COMP_CWORD - 1]}
  # bash takes --flag=value for three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi`;

const REPLIES = `_vipc_reply() {
  mapfile -t COMPREPLY < <(compgen "$@" -- "$current")
}
_vipc_files() {
  compopt -o filenames 2> /dev/null
  _vipc_reply "$1"
}
complete -F _vipc vipc
`;

/** A script that bash reads: `source <(vipc completion bash)`. */
export function bashCompletion(
  program: DescribedCommand,
  commands: readonly DescribedCommand[],
): string {
  const names = commands.map(({ name }) => name);
  return [
    HEAD,
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case \${COMP_WORDS[i]} in`,
    `      ${[...names, 'help'].join(' | ')}) command=\${COMP_WORDS[i]} && break ;;`,
    '    esac',
    '  done',
    '  COMPREPLY=()',
    '  case $command:$before in',
    ...commands.flatMap(valueCases),
    '  esac',
    '  case $command in',
    `    '') _vipc_reply -W '${[...names, 'help', ...flagNames(program)].join(' ')}' ;;`,
    `    help) _vipc_reply -W '${names.join(' ')}' ;;`,
    ...commands.flatMap(commandCase),
    '  esac',
    '}',
    REPLIES,
  ].join('\n');
}

/** What may stand behind the flags that need a value. */
function valueCases({ name, flags, arguments: [first] }: DescribedCommand): readonly string[] {
  const cases = flags.flatMap(({ names, value }) => {
    if (value === undefined || (value.optional && value.words.length === 0)) return [];
    const patterns = names.map((flag) => `${name}:${flag}`).join(' | ');
    return [`    ${patterns}) ${replyWith(value)} && return ;;`];
  });
  return first === undefined || first.words.length === 0
    ? cases
    : [...cases, `    ${name}:${name}) [[ $current != -* ]] && ${replyWith(first)} && return ;;`];
}

/** What a command has otherwise: its flags, and files if it takes some. */
function commandCase(command: DescribedCommand): readonly string[] {
  const { name, arguments: values } = command;
  const words = `_vipc_reply -W '${flagNames(command).join(' ')}'`;
  if (!values.some(({ path }) => path === 'file')) return [`    ${name}) ${words} ;;`];
  return [`    ${name}) if [[ $current == -* ]]; then ${words}; else _vipc_files -f; fi ;;`];
}

/** A command that always succeeds. */
function replyWith({ words, path }: DescribedValue): string {
  if (words.length > 0) return `_vipc_reply -W '${words.join(' ')}'`;
  if (path === 'none') return ':';
  return path === 'folder' ? '_vipc_files -d' : '_vipc_files -f';
}

function flagNames({ flags }: DescribedCommand): readonly string[] {
  return flags.flatMap(({ names }) => names);
}
