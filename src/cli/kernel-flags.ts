/** The flags of commands that load rules into the kernel of this machine. */

import type { Command } from 'commander';
import { addFamilyFlag, addVariantFlag, seconds } from './flags.js';

/** The meaning of the flags. */
export interface KernelFlags {
  /** Absent: every family that the kernel has. */
  readonly family?: 'ipv4' | 'ipv6' | 'dual';
  readonly iptables?: 'nft' | 'legacy';
  readonly verify: boolean;
  /** Seconds. */
  readonly lockTimeout: number;
  /** Seconds. */
  readonly timeout: number;
  readonly failedDir?: string;
}

/** The command with the flags of {@link KernelFlags}. */
export function addKernelFlags(command: Command): Command {
  addFamilyFlag(command, '; without it every family that the kernel has');
  return addVariantFlag(command, ', in mode iptables; without it the one that this machine uses')
    .option('--no-verify', 'do not read the kernel again to verify a load')
    .option(
      '--lock-timeout <seconds>',
      'how long to wait for another process that changes the rules',
      seconds('--lock-timeout'),
      30,
    )
    .option(
      '--timeout <seconds>',
      'time limit of each iptables-restore or nft',
      seconds('--timeout'),
      300,
    )
    .option(
      '--failed-dir <folder>',
      'where to keep input that the kernel refused (default: $XDG_STATE_HOME/vipc, else $TMPDIR/vipc or /tmp/vipc)',
    );
}
