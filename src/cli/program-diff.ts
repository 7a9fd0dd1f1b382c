/** `vipc diff` as commander sees it. */

import type { Command } from 'commander';
import type { DiffFlags } from './commands/diff.js';
import { choice } from './flag-values.js';
import { addInputFlags } from './input-flags.js';
import type { Terminal } from './terminal.js';

const EXAMPLES = `
Examples:
  # What an apply would change on this node
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml > cluster.yaml
  vipc diff -f cluster.yaml --node-name worker-1

  # The same with the objects of a running cluster
  vipc diff -f cluster --context prod --node-name worker-1

  # Did anybody touch the rules by hand? For scripts: exit code 0 no, 1 yes
  vipc diff -f cluster.yaml --node-name worker-1 -o json

  # A node that somebody sent a dump of, on any machine
  vipc diff -f cluster.yaml --host host.yaml --against iptables-save.v4.txt

  # Mode nftables: this node, or a dump of it
  vipc diff -f cluster.yaml --node-name worker-1 --mode nftables
  vipc diff -f cluster.yaml --host host.yaml --mode nftables --against nft-j-list-ruleset.json

  # Look now, apply later; refused if the kernel moved in between
  vipc diff -f cluster.yaml --node-name worker-1 --out plan.json
  vipc apply plan.json

With -o json: {"different", "incomplete", "families": {"ipv4": {"against", "variant", "services", "leftovers",
"pinned"}}, "settings", "flows", "diagnostics"}. Each service has "origin" ("" for what every node has), "state"
(added, changed, removed), "chains" with their "rules" and a "finding" for each, and "pools" with
the exact shares of new connections of each endpoint, "before" and "after".

Exit codes:
  0 no differences; 1 differences, or a Service that could not be compared; 64 usage; 65 nothing usable, or a bad object under --strict;
  66 no input; 68 no API server; 69 not in this version; 70 a defect or a bad template; 72 no usable iptables or nft;
  73 no output; 76 rules that cannot be read; 77 not root; 78 bad configuration;
  79 a plan that cannot be saved; 80 a tool that did not end in time
`;

/** Adds the command. `done` gets its exit code. */
export function addDiff(
  program: Command,
  terminal: Terminal,
  done: (exitCode: number) => void,
): void {
  addInputFlags(program.command('diff'))
    .summary('show what applying a set of objects would change')
    .description(
      'Compares the rules for these objects with what the kernel holds, or with a dump of another machine. Changes nothing.',
    )
    .option(
      '--against <path>',
      'what iptables-save or "nft -j list ruleset" printed, in a file or a folder of them, instead of the kernel',
    )
    .option(
      '--family <family>',
      'ipv4, ipv6 or dual; without it every family that is there',
      choice('--family', ['ipv4', 'ipv6', 'dual']),
    )
    .option(
      '--iptables <variant>',
      'nft or legacy, in mode iptables; without it the one that this machine uses',
      choice('--iptables', ['nft', 'legacy']),
    )
    .option('--comments', 'show rules that differ in their comment alone', false)
    .option('--out <file>', 'write the plan there, for "vipc apply"')
    .option('--strict', 'compare nothing if any object has to be left out', false)
    .option(
      '-o, --output <form>',
      'human, or json for scripts',
      choice('--output', ['human', 'json']),
      'human',
    )
    .option('-v, --verbose', 'show every note, and every rule of chains that come or go', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DiffFlags) => {
      const { diff } = await import('./commands/diff.js');
      done(await diff(flags, terminal));
    });
}
