/** `vipc cleanup`: takes the rules of vipc and kube-proxy off this machine. */

import { type CleanupOptions, cleanUp, planCleanup } from '../../apply/cleanup.js';
import { hasErrors } from '../../diagnostics.js';
import type { Host } from '../../host/host.js';
import { SystemHost } from '../../host/system-host.js';
import { FAMILIES } from '../compiled-inputs.js';
import type { Terminal } from '../terminal.js';
import { cleanupInputs, cleanupJson, cleanupText } from '../views/cleanup.js';
import { diagnosticLines } from '../views/human.js';

/** The flags of `vipc cleanup`. */
export interface CleanupFlags {
  readonly dryRun: boolean;
  readonly iptables?: 'nft' | 'legacy';
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
  const options: CleanupOptions = {
    families: FAMILIES[flags.family],
    lock: { timeout: flags.lockTimeout * 1000, about: `pid ${process.pid} (vipc cleanup)` },
    ...(flags.iptables === undefined ? {} : { iptables: flags.iptables }),
  };
  const result = await (flags.dryRun ? planCleanup : cleanUp)(machine, options);
  if (flags.output === 'json') {
    await terminal.writeOutput(cleanupJson(result, flags.dryRun));
  } else {
    await terminal.writeError(diagnosticLines(result.diagnostics, 0, terminal));
    await terminal.writeOutput(flags.dryRun ? cleanupInputs(result) : cleanupText(result));
  }
  return result.kept.length > 0 || hasErrors(result.diagnostics) ? 1 : 0;
}
