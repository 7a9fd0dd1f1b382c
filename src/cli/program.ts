/** The command line as commander sees it: commands, flags, help. Each command's code is loaded when it runs. */

import { Command, type Option } from 'commander';
import type { CompileFlags } from './commands/compile.js';
import type { HostFlags } from './commands/host.js';
import { choice, objectName } from './flag-values.js';
import { addInputFlags } from './input-flags.js';
import { addAgent } from './program-agent.js';
import { addApply } from './program-apply.js';
import { addCleanup } from './program-cleanup.js';
import { addDiff } from './program-diff.js';
import { addSnapshot } from './program-snapshot.js';
import type { Terminal } from './terminal.js';
import { version } from './version.js';

/** Called with the exit code of the command that ran. */
export type Done = (exitCode: number) => void;

const COMPILE_EXAMPLES = `
Examples:
  # The rules of a running cluster for one of its nodes
  vipc compile -f cluster --node-name worker-1
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f - --node-name worker-1

  # The same for a machine whose facts were saved there with "vipc host > host.yaml"
  vipc compile -f cluster.yaml --host host.yaml --config kube-proxy.conf --family ipv4

  # Plain manifests: a Service, and Pods that it selects
  vipc compile -f manifests/ --service-cidr 10.96.0.0/16

  # The same for nft, both families in one script
  vipc compile -f cluster.yaml --mode nftables > rules.nft

  # Files for iptables-restore and ip6tables-restore; fail if any object is bad
  vipc compile -f cluster.json --strict --out rules/

Exit codes:
  0 fine; 1 an object was left out; 64 usage; 65 nothing usable, or a bad object under --strict;
  66 no input; 68 no API server; 69 not in this version; 70 a defect or a bad template; 73 no output; 78 bad configuration
`;

const HOST_EXAMPLES = `
Examples:
  # On the node
  vipc host > host.yaml

  # Anywhere
  vipc compile -f cluster.yaml --host host.yaml
`;

const EXAMPLES = `
Examples:
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc compile -f -
  vipc diff -f cluster.yaml --node-name worker-1
  vipc apply -f cluster.yaml --node-name worker-1

Use "vipc <command> --help" for more about a command.
`;

/** A program whose commands write to the terminal and report to `done`. Throws instead of ending the process. */
export function buildProgram(terminal: Terminal, done: Done): Command {
  const program = new Command('vipc')
    .description(
      "Compiles Kubernetes Services into kube-proxy's netfilter rules, and keeps a kernel at exactly these.",
    )
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureHelp({ optionDescription })
    // Help and version are the result of the command that asked for them; errors are worded elsewhere.
    .configureOutput({
      writeOut: (text) => void terminal.writeOutput(text).catch(() => {}),
      writeErr: () => {},
    });
  addCompile(program, terminal, done);
  addDiff(program, terminal, done);
  addApply(program, terminal, done);
  addCleanup(program, terminal, done);
  addAgent(program, terminal, done);
  addHost(program, terminal, done);
  addSnapshot(program, terminal, done);
  return program;
}

/** What a flag does, and its default where it has one that says something: no `false`, no `[]`. */
function optionDescription(option: Option): string {
  const { defaultValue, defaultValueDescription, description } = option;
  const plain = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const named = defaultValueDescription ?? (plain ? String(defaultValue) : '');
  return named === '' ? description : `${description} (default: ${named})`;
}

function addCompile(program: Command, terminal: Terminal, done: Done): void {
  addInputFlags(program.command('compile'))
    .summary('print the rules for a set of objects')
    .description(
      'Prints the rules that kube-proxy 1.36 would program on one node for these objects.',
    )
    .option(
      '-n, --namespace <name>',
      'compile only the Services of this namespace',
      objectName('--namespace'),
    )
    .option(
      '--family <family>',
      'ipv4, ipv6 or dual',
      choice('--family', ['ipv4', 'ipv6', 'dual']),
      'dual',
    )
    .option(
      '--out <folder>',
      'write iptables.v4.rules and iptables.v6.rules, or nftables.nft, there instead of standard output',
    )
    .option(
      '--no-jumps',
      'leave out the jumps from the built-in chains (nftables: the rules of base chains)',
    )
    .option('--strict', 'print nothing if any object has to be left out', false)
    .option(
      '-o, --output <form>',
      'text, or json for rules and diagnostics in one document',
      choice('--output', ['text', 'json']),
      'text',
    )
    .option('-v, --verbose', 'show every note and a summary', false)
    .addHelpText('after', COMPILE_EXAMPLES)
    .action(async (flags: CompileFlags) => {
      const { compile } = await import('./commands/compile.js');
      done(await compile(flags, terminal));
    });
}

function addHost(program: Command, terminal: Terminal, done: Done): void {
  program
    .command('host')
    .summary('print the facts of this machine')
    .description(
      'Prints what only this machine knows, for --host on any other: name, addresses, nfacct, tools, kernel.',
    )
    .option('-o, --output <form>', 'yaml or json', choice('--output', ['yaml', 'json']), 'yaml')
    .addHelpText('after', HOST_EXAMPLES)
    .action(async (flags: HostFlags) => {
      const { host } = await import('./commands/host.js');
      done(await host(flags, terminal));
    });
}
