/** On what machine, and when, something was measured. */

import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';

export interface Machine {
  /** Day, `2026-11-26`. */
  readonly date: string;
  readonly processors: string;
  readonly kernel: string;
  readonly iptables: string;
  readonly nft: string;
  readonly node: string;
}

/** This machine, today. */
export function machine(): Machine {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processors: `${cpus().length} x ${first?.model ?? 'unknown'}`,
    kernel: release(),
    iptables: versionOf('iptables'),
    nft: versionOf('nft'),
    node: process.version,
  };
}

function versionOf(command: string): string {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return /v?(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1] ?? '';
}
