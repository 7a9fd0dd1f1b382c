/** The flags and the help of `vipc cleanup`. */

import type { Command } from 'commander';
import type { CleanupFlags } from './commands/cleanup.js';
import { choice, seconds } from './flag-values.js';
import type { Done } from './program.js';
import type { Terminal } from './terminal.js';

const CLEANUP_EXAMPLES = `
Removed are the chains, rules and tables of kube-proxy and vipc, of every mode and of both iptables variants. Settings
of the machine that vipc made for them go back to what they were. KUBE-FIREWALL, its rule and the jumps to it stay,
because kubelet relies on them; so does everything of others.

Examples:
  # What would be run
  vipc cleanup --dry-run

  # With kube-proxy and the vipc agent stopped
  vipc cleanup

  # From mode iptables to mode nftables: the old rules go when the new ones are there
  vipc apply -f cluster.yaml --node-name worker-1 --mode nftables && vipc cleanup --mode iptables

Exit codes:
  0 nothing of ours is left; 1 a chain stays, because a foreign rule jumps to it, or a setting does; 64 usage;
  71 the kernel refuses; 72 iptables or nft is missing or fails; 75 locked; 76 the rules cannot be read whole; 77 not root;
  80 a program did not end in time; 83 the rules come back; 130 interrupted between two transactions
`;

/** Adds `vipc cleanup` to a program. */
export function addCleanup(program: Command, terminal: Terminal, done: Done): void {
  program
    .command('cleanup')
    .summary('remove the rules of kube-proxy and vipc from this machine')
    .description(
      'Removes everything that kube-proxy and vipc have put into the kernel of this machine, and nothing else.',
    )
    .option('--dry-run', 'print what would be run, and change nothing', false)
    .option(
      '--mode <mode>',
      'remove the rules of this mode alone, iptables or nftables',
      choice('--mode', ['iptables', 'nftables']),
    )
    .option(
      '--iptables <variant>',
      'look into this variant alone, nft or legacy',
      choice('--iptables', ['nft', 'legacy']),
    )
    .option(
      '--family <family>',
      'ipv4, ipv6 or dual',
      choice('--family', ['ipv4', 'ipv6', 'dual']),
      'dual',
    )
    .option(
      '--lock-timeout <seconds>',
      'how long to wait for another vipc that is at work',
      seconds('--lock-timeout'),
      30,
    )
    .option('-o, --output <form>', 'human or json', choice('--output', ['human', 'json']), 'human')
    .addHelpText('after', CLEANUP_EXAMPLES)
    .action(async (flags: CleanupFlags) => {
      const { cleanup } = await import('./commands/cleanup.js');
      done(await cleanup(flags, terminal));
    });
}
