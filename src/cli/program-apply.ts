/** `vipc apply` as commander sees it. */

import type { Command } from 'commander';
import type { ApplyFlags } from './commands/apply.js';
import { choice } from './flag-values.js';
import { addInputFlags } from './input-flags.js';
import { addKernelFlags } from './kernel-flags.js';
import type { Terminal } from './terminal.js';

const EXAMPLES = `
Reads the kernel, sends iptables-restore or nft exactly what differs, reads it back. Everything else stays as it is. A Service
whose rules the kernel refuses keeps the rules that it had, and all others are applied. Do not run it beside a kube-proxy.

Examples:
  # On the node: the rules for a cluster
  kubectl get services,endpointslices,nodes,servicecidrs -A -o yaml | vipc apply -f - --node-name worker-1

  # What iptables-restore, or nft with --mode nftables, would be given
  vipc apply -f cluster.yaml --node-name worker-1 --dry-run

  # Look now, apply later; refused if the rules changed in between
  vipc diff -f cluster.yaml --node-name worker-1 --out plan.json
  vipc apply plan.json

Settings that the rules need are set too, and "vipc cleanup" takes them back: net.ipv4.conf.all.route_localnet=1 where
node ports answer on 127.0.0.0/8, conntrack settings that the configuration names, nfacct objects. What was before is
kept in /run/vipc.

Exit codes:
  0 the kernel is as asked; 1 it is, but for an object or Service that was left out or a setting that was refused;
  64 usage; 65 nothing usable, or a bad object under --strict; 66 no input; 68 no API server;
  69 not in this version, or no IPv6;
  70 a defect or a bad template; 71 the rules are refused, nothing was changed; 72 no usable iptables or nft; 75 locked by
  somebody else; 76 rules that cannot be read whole; 77 not root; 78 bad configuration; 79 no plan; 80 a tool did not
  end in time; 81 the kernel has moved since the plan was made; 82 loaded, but read back it differs; 83 somebody else
  keeps changing the rules; 130 interrupted between two transactions
`;

/** Adds the command. `done` gets its exit code. */
export function addApply(
  program: Command,
  terminal: Terminal,
  done: (exitCode: number) => void,
): void {
  addKernelFlags(addInputFlags(program.command('apply')))
    .argument('[plan]', 'a plan that "vipc diff --out" wrote, instead of -f')
    .summary('make the kernel hold the rules for a set of objects')
    .description(
      'Loads the rules for these objects into the kernel of this machine: exactly the difference.',
    )
    .option('--dry-run', 'print what would be sent, and change nothing', false)
    .option(
      '--check',
      'let iptables-restore --test or nft -c read what would be sent, and change nothing',
      false,
    )
    .option('--strict', 'apply nothing if any object has to be left out', false)
    .option('-o, --output <form>', 'human or json', choice('--output', ['human', 'json']), 'human')
    .option('-v, --verbose', 'show every note, and what is about to be sent', false)
    .addHelpText('after', EXAMPLES)
    .action(async (plan: string | undefined, flags: ApplyFlags) => {
      const { apply } = await import('./commands/apply.js');
      done(await apply(plan, flags, terminal));
    });
}
