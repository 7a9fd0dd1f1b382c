/** The flags of commands that write the rules of this machine: which of them, with what, and how long. */

import type { Command } from 'commander';
import { choice, seconds } from './flag-values.js';

/** What the flags come to. */
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
  return command
    .option(
      '--family <family>',
      'ipv4, ipv6 or dual; without it every family that the kernel has',
      choice('--family', ['ipv4', 'ipv6', 'dual']),
    )
    .option(
      '--iptables <variant>',
      'nft or legacy, in mode iptables; without it the one that this machine uses',
      choice('--iptables', ['nft', 'legacy']),
    )
    .option('--no-verify', 'do not read back what was loaded after the kernel was read')
    .option(
      '--lock-timeout <seconds>',
      'how long to wait for whoever else works on the rules',
      seconds('--lock-timeout'),
      30,
    )
    .option(
      '--timeout <seconds>',
      'how long one iptables-restore or nft may take',
      seconds('--timeout'),
      300,
    )
    .option(
      '--failed-dir <folder>',
      'where input that was refused is kept (default: $XDG_STATE_HOME/vipc, else $TMPDIR/vipc or /tmp/vipc)',
    );
}
