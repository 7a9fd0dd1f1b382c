/** `vipc cleanup`: takes the rules of vipc and kube-proxy off this machine. */

import { type Cleanup, type CleanupOptions, cleanUp, planCleanup } from '../../apply/cleanup.js';
import { hasErrors } from '../../diagnostics.js';
import { UsageError } from '../../errors.js';
import type { Host } from '../../host/host.js';
import { SystemHost } from '../../host/system-host.js';
import type { BackendName } from '../../ruleset/types.js';
import { FAMILIES } from '../compiled-inputs.js';
import { interruption } from '../interruption.js';
import type { Terminal } from '../terminal.js';
import { cleanupInputs, cleanupJson, cleanupText } from '../views/cleanup.js';
import { diagnosticLines } from '../views/human.js';

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

/** Cleans a machine, this one unless a test gives another. The exit code is 1 where something of ours has to stay. */
export async function cleanup(
  flags: CleanupFlags,
  terminal: Terminal,
  machine: Host = new SystemHost(),
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
    ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
    ...(flags.mode === undefined ? {} : { modes: [flags.mode] }),
  };
  try {
    const result = await (flags.dryRun ? planCleanup : cleanUp)(machine, options);
    await say(result, flags, terminal);
    return result.kept.length > 0 || hasErrors(result.diagnostics) ? 1 : 0;
  } catch (error) {
    // Ctrl-C reaches the programs that read the kernel too; what they say then is only how they died.
    throw interrupted.errorFor(error);
  } finally {
    interrupted.end();
  }
}

async function say(cleanup: Cleanup, flags: CleanupFlags, terminal: Terminal): Promise<void> {
  if (flags.output === 'json') {
    await terminal.writeOutput(cleanupJson(cleanup, flags.dryRun));
    return;
  }
  await terminal.writeError(diagnosticLines(cleanup.diagnostics, 0, terminal));
  await terminal.writeOutput(flags.dryRun ? cleanupInputs(cleanup) : cleanupText(cleanup));
}
