/** kubectl's flags for the API server and the user. */

import type { Command } from 'commander';
import { requestTimeout } from './flags.js';

/** The flags that say which server, and as whom. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  readonly server?: string | undefined;
  /** Milliseconds; 0: no limit. */
  readonly requestTimeout?: number | undefined;
}

/** The names of {@link ClusterFlags}. */
export const CLUSTER_FLAGS = [
  'kubeconfig',
  'context',
  'cluster',
  'user',
  'as',
  'asGroup',
  'asUid',
  'server',
  'requestTimeout',
] as const;

/** The spelling of a flag by its name here: `--as-group`. */
export function clusterFlagText(name: (typeof CLUSTER_FLAGS)[number]): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The command with these flags. */
export function addClusterFlags(command: Command): Command {
  return addConnectionFlags(
    command.option('--kubeconfig <file>', 'kubeconfig of the cluster; without it that of kubectl'),
  );
}

/** The command with all of them but for `--kubeconfig`, which the agent has already. */
export function addConnectionFlags(command: Command): Command {
  command
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'cluster of the kubeconfig, instead of that of the context')
    .option('--user <name>', 'user of the kubeconfig, instead of that of the context')
    .option('--as <name>', 'user to impersonate')
    .option('--as-group <name>', 'group to impersonate; may be repeated', addText)
    .option('--as-uid <uid>', 'UID to impersonate')
    .option('-s, --server <url>', 'address of the API server, instead of that of the kubeconfig')
    .option(
      '--request-timeout <duration>',
      'how long to wait for a response, and for the next part of one; 0: no limit (default 1m)',
      requestTimeout,
    );
  for (const option of command.options)
    if (NAMES.has(option.attributeName())) option.helpGroup('Cluster options:');
  return command;
}

const NAMES: ReadonlySet<string> = new Set(CLUSTER_FLAGS);

function addText(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
