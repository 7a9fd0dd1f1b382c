/** The man page of the program, made of the same commands, flags and texts as its help. */

import type { Command } from 'commander';
import {
  type DescribedFlag,
  type DescribedValue,
  describeCommand,
} from '../src/cli/command-table.js';
import { ENVIRONMENT } from '../src/cli/environment.js';
import { buildProgram } from '../src/cli/program.js';
import { EXIT_CODES } from '../src/error-codes.js';

/** Files that the program uses by name, with what they are. */
const FILES: Readonly<Record<string, string>> = {
  '~/.kube/config': 'kubeconfig where neither KUBECONFIG nor a flag names one',
  '/run/vipc':
    'locks, and what vipc has set on this machine, by network namespace; "vipc cleanup" needs it',
  '/run/xtables.lock': 'lock of iptables-legacy',
};

/** How the examples of a help begin. */
const EXAMPLES: readonly string[] = ['.PP', 'Examples:'];

/** The text of vipc.1, for a version of the program. */
export async function manPage(version: string): Promise<string> {
  const nowhere = async (): Promise<void> => {};
  const program = await buildProgram(
    ['help'],
    {
      readInput: async () => '',
      writeOutput: nowhere,
      writeError: nowhere,
      interactive: false,
      colour: { output: false, error: false },
    },
    () => {},
    () => {},
  );
  const { description, flags } = describeCommand(program);
  return [
    '.\\" Written from the commands of the program by scripts/man.ts.',
    `.TH VIPC 1 "" ${argument(`vipc ${version}`)} "User Commands"`,
    '.SH NAME',
    "vipc \\- compile Kubernetes Services to kube\\-proxy's netfilter rules",
    '.SH SYNOPSIS',
    ...['.B vipc', '.I command', '.RI [ options ]'],
    ...['.SH DESCRIPTION', text(description)],
    ...items(flags.map(flagItem)),
    '.SH COMMANDS',
    ...program.commands.flatMap(commandSection),
    ...['.SH EXIT STATUS', ...items(Object.entries(EXIT_CODES).map(plainItem))],
    ...['.SH ENVIRONMENT', ...items(Object.entries(ENVIRONMENT).map(plainItem))],
    ...['.SH FILES', ...items(Object.entries(FILES).map(plainItem))],
    ...['.SH EXAMPLES', ...afterHelp(program).slice(EXAMPLES.length)],
    '.SH SEE ALSO',
    '.BR iptables\\-restore (8),\n.BR nft (8),\n.BR conntrack (8),\n.BR kubectl (1)',
    '',
  ].join('\n');
}

function commandSection(command: Command): readonly string[] {
  const { usage, description, arguments: values, flags } = describeCommand(command);
  return [
    `.SS ${argument(usage)}`,
    text(description),
    ...items([...values.map(valueItem), ...flags.map(flagItem)]),
    ...afterHelp(command),
  ];
}

type Item = readonly [term: string, meaning: string];

function flagItem({ usage, description }: DescribedFlag): Item {
  return [usage, description];
}

function valueItem({ name, description }: DescribedValue): Item {
  return [name, description];
}

function plainItem([name, meaning]: readonly [string, string]): Item {
  return [name, meaning.replaceAll('`', '"')];
}

function items(all: readonly Item[]): readonly string[] {
  return all.flatMap(([term, meaning]) => ['.TP', `.B ${argument(term)}`, text(meaning)]);
}

/** What the help has behind the flags, but for what has a section of its own. */
function afterHelp(command: Command): readonly string[] {
  const [, ...parts] = helpParts(command);
  return parts.filter((part) => !/^\n(?:Exit codes|Environment):/.test(part)).flatMap(roffLines);
}

/**
 * The parts of a help in lines as they are: the description with the flags, and each that follows.
 */
function helpParts(command: Command): readonly string[] {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => void parts.push(part) });
  command.outputHelp();
  return parts;
}

function roffLines(part: string): readonly string[] {
  const blocks = part
    .split(/\n{2,}|(?<=^Examples:)\n/m)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '');
  return blocks.flatMap((block, i) => {
    if (!block.startsWith('  ')) return ['.PP', text(block)];
    const lines = block.split('\n').map((line) => text(line.slice('  '.length)));
    const space = blocks[i - 1] === 'Examples:' ? [] : ['.PP'];
    return [...space, '.RS 4', '.nf', ...lines, '.fi', '.RE'];
  });
}

/** Text as roff prints it as it is: no escape, no request, no hyphen for a minus. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}

/** Text as one argument of a macro. */
function argument(words: string): string {
  return `"${text(words).replaceAll('"', '\\(dq')}"`;
}
