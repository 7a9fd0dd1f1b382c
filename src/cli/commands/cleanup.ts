/** `vipc cleanup`: takes the rules of vipc and kube-proxy off this machine. */

import type { Command } from 'commander';
import { type CleanupOptions, cleanUp, planCleanup } from '../../apply/cleanup.js';
import { hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import { CommandHost } from '../../host/command-host.js';
import type { Host } from '../../host/host.js';
import type { BackendName } from '../../ruleset/types.js';
import { FAMILIES } from '../compiled-inputs.js';
import { addFamilyFlag, addVariantFlag, oneOf, seconds } from '../flags.js';
import { type Done, interruption, type Terminal } from '../terminal.js';
import { cleanupView } from '../views/cleanup.js';
import { writeResult } from '../views/view.js';

/** The flags of `vipc cleanup`. */
export interface CleanupFlags {
  readonly dryRun: boolean;
  readonly iptables?: 'nft' | 'legacy';
  readonly mode?: BackendName;
  readonly family: 'ipv4' | 'ipv6' | 'dual';
  /** Seconds. */
  readonly lockTimeout: number;
  readonly output: 'human' | 'json';
}

/**
 * Cleans a machine, this one unless a test gives another. The exit code is 1 where something of
 * ours has to stay.
 */
export async function cleanup(
  flags: CleanupFlags,
  terminal: Terminal,
  machine: Host = new CommandHost(),
): Promise<number> {
  if (flags.mode === 'nftables' && flags.iptables !== undefined)
    throw new UsageError(`--iptables ${flags.iptables} means nothing with --mode nftables`);
  const interrupted = interruption();
  const options: CleanupOptions = {
    families: FAMILIES[flags.family],
    lock: {
      timeout: flags.lockTimeout * 1000,
      about: `pid ${process.pid} (vipc cleanup)`,
      signal: interrupted.signal,
    },
    iptables: flags.iptables,
    ...(flags.mode === undefined ? {} : { modes: [flags.mode] }),
  };
  try {
    const result = await (flags.dryRun ? planCleanup : cleanUp)(machine, options);
    // Every note is shown, as there are never many.
    const form = { output: flags.output, verbose: true };
    await writeResult(cleanupView(result, flags.dryRun), result, form, terminal);
    return result.kept.length > 0 || hasErrors(result.diagnostics) ? 1 : 0;
  } catch (error) {
    // Ctrl-C reaches the programs that read the kernel too; what they say then is only how they
    // died.
    throw interrupted.errorFor(error);
  } finally {
    interrupted.end();
  }
}

const EXAMPLES = `
Removes the chains, rules and tables of kube-proxy and vipc, of every mode and both iptables variants, and restores the settings that vipc changed for them. KUBE-FIREWALL, its rule and the jumps to it stay for kubelet, unless vipc created them and there is no kubelet. Everything else stays as it is.

Examples:
  # The commands, without running them
  vipc cleanup --dry-run

  # With kube-proxy and the vipc agent stopped
  vipc cleanup

  # From mode iptables to mode nftables: remove the old rules once the new ones are loaded
  vipc apply -f cluster.yaml --node-name worker-1 --mode nftables && vipc cleanup --mode iptables
`;

/** Defines the flags, the help and the action. */
export function define(command: Command, terminal: Terminal, done: Done): void {
  addFamilyFlag(command, '', 'dual');
  addVariantFlag(command, '; without it both variants')
    .description(
      'Removes the rules of kube-proxy and vipc from the kernel of this machine, and nothing else.',
    )
    .option('--dry-run', 'print the commands, and change nothing', false)
    .option(
      '--mode <mode>',
      'remove only the rules of this mode, iptables or nftables',
      oneOf('--mode', ['iptables', 'nftables']),
    )
    .option(
      '--lock-timeout <seconds>',
      'how long to wait for another vipc',
      seconds('--lock-timeout'),
      30,
    )
    .option('-o, --output <form>', 'human or json', oneOf('--output', ['human', 'json']), 'human')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CleanupFlags) => {
      done(await cleanup(flags, terminal));
    });
}
