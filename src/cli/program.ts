/**
 * The commands as commander sees them. Each command's code is loaded when its word is on the line.
 */

import { Command } from 'commander';
import { exitCodesOf } from '../error-codes.js';
import { ENVIRONMENT } from './environment.js';
import { oneOf } from './flags.js';
import { formatItem, helpSection, optionDescription, wrapHelp } from './help.js';
import { COLOUR_WORDS, type Done, type Terminal } from './terminal.js';
import { version } from './version.js';

/** What a file of commands/ exports. */
interface CommandModule {
  readonly define: (command: Command, terminal: Terminal, done: Done) => void;
}

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
  /** Whether it needs the flags of all others. */
  readonly ofAll?: true;
}

/** All commands, in the order of the help. */
const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map([
  [
    'compile',
    {
      summary: 'print the rules for a set of objects',
      load: () => import('./commands/compile.js'),
    },
  ],
  [
    'diff',
    {
      summary: 'show what applying a set of objects would change',
      load: () => import('./commands/diff.js'),
    },
  ],
  [
    'apply',
    {
      summary: 'load the rules for a set of objects into the kernel',
      load: () => import('./commands/apply.js'),
    },
  ],
  [
    'cleanup',
    {
      summary: 'remove the rules of kube-proxy and vipc from this machine',
      load: () => import('./commands/cleanup.js'),
    },
  ],
  [
    'agent',
    {
      summary: 'keep the rules of this machine up to date',
      load: () => import('./commands/agent.js'),
    },
  ],
  [
    'explain',
    {
      summary: 'explain a Service: the endpoints of each client, and what is wrong',
      load: () => import('./commands/explain.js'),
    },
  ],
  [
    'get',
    {
      summary: 'show Services and endpoints as kubectl does',
      load: () => import('./commands/get.js'),
    },
  ],
  [
    'hosts',
    {
      summary: 'print the names of Services as lines of a hosts file',
      load: () => import('./commands/hosts.js'),
    },
  ],
  [
    'trace',
    {
      summary: 'follow a packet through the rules of a machine',
      load: () => import('./commands/trace.js'),
    },
  ],
  [
    'verify',
    {
      summary: 'prove that the rules of a machine do what the objects say',
      load: () => import('./commands/verify.js'),
    },
  ],
  [
    'test',
    {
      summary: 'run tests of packets against rules',
      load: () => import('./commands/test.js'),
    },
  ],
  [
    'lint',
    {
      summary: 'check objects, a node and its machine for mistakes',
      load: () => import('./commands/lint.js'),
    },
  ],
  [
    'report',
    {
      summary: 'write a page about the Services of a node',
      load: () => import('./commands/report.js'),
    },
  ],
  [
    'host',
    { summary: 'print the facts of this machine', load: () => import('./commands/host.js') },
  ],
  [
    'snapshot',
    {
      summary: 'save the objects of a running cluster',
      load: () => import('./commands/snapshot.js'),
    },
  ],
  [
    'completion',
    {
      summary: 'print the completion of a shell',
      load: () => import('./commands/completion.js'),
      ofAll: true,
    },
  ],
  [
    'version',
    {
      summary: 'print the version, profiles and tools',
      load: () => import('./commands/version.js'),
    },
  ],
]);

/** The names of all commands. */
export const COMMAND_NAMES: readonly string[] = [...COMMANDS.keys()];

const EXAMPLES = `
Examples:
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f -
  vipc diff -f cluster.yaml --node-name worker-1
  vipc apply -f cluster.yaml --node-name worker-1

Use "vipc <command> --help" for more about a command.
`;

/**
 * A program for one command line, whose command writes to the terminal and reports to `done`; the
 * writing of help goes to `printed`. Throws instead of ending the process.
 */
export async function buildProgram(
  argv: readonly string[],
  terminal: Terminal,
  done: Done,
  printed: (writing: Promise<void>) => void,
): Promise<Command> {
  const { width = 80 } = terminal;
  const program = new Command('vipc')
    .description(
      "Compiles Kubernetes Services into kube-proxy's netfilter rules, and keeps the rules of a kernel up to date.",
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', helpSection('Environment', ENVIRONMENT, width))
    .exitOverride()
    .configureHelp({ optionDescription, formatItem })
    // Help and version are the result of the command that asked for them; errors are worded
    // elsewhere.
    .configureOutput({
      writeOut: (text) => printed(terminal.writeOutput(wrapHelp(text, width))),
      getOutHelpWidth: () => width,
      writeErr: () => {},
    });
  const named = argv.find((word) => COMMANDS.has(word));
  const isWhole = argv.includes('help') || COMMANDS.get(named ?? '')?.ofAll === true;
  for (const [name, { summary, load }] of COMMANDS) {
    const command = program.command(name).summary(summary);
    if (name !== named && !isWhole) continue;
    (await load()).define(command, terminal, done);
    command
      .option(
        '--color <when>',
        'auto, always or never; auto: on a terminal, unless NO_COLOR is set or TERM is dumb',
        oneOf('--color', COLOUR_WORDS),
        'auto',
      )
      .addHelpText('after', helpSection('Exit codes', exitCodesOf(name), width));
    // diff has a flag of that name, which silences more.
    if (!command.options.some(({ long }) => long === '--quiet'))
      command.option('-q, --quiet', 'show no progress on a terminal');
  }
  return program;
}
