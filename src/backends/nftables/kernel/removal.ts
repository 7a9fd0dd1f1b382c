/** Removes the tables of mode nftables, each as a whole. */

import { InterruptedError, ToolError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { LoadFault, RemovalOptions, RemovalStep, Removals } from '../../kernel.js';
import { failure, outputOf } from '../../tool-failure.js';
import { tableName } from '../ownership.js';

/**
 * Lists every table, with its sets. `list tables` would read all rules of the machine first, those
 * of iptables-nft included, which takes many seconds where there are thousands of Services.
 */
const LIST: readonly string[] = ['list', 'sets'];

/** `Unable to initialize Netlink socket: Protocol not supported`. */
const NO_NFTABLES = /not supported/;

/**
 * The tables that are there. Throws ToolError where there is no nft, or no nf_tables in the kernel;
 * another failure of nft may hide a table, so it is one of the failures.
 */
export async function planRemovals(
  host: Host,
  families: readonly Family[],
  { signal }: RemovalOptions,
): Promise<Removals> {
  const result = await host.run({ command: 'nft', args: LIST, signal });
  if (result.kind === 'missing' || (result.kind === 'exited' && NO_NFTABLES.test(result.stderr)))
    throw new ToolError('nft is not installed, or the kernel has no nf_tables', 'nft', {
      hint: 'install nftables',
    });
  if (result.kind !== 'exited' || result.code !== 0) {
    const error = failure('nft', result);
    if (error instanceof InterruptedError) throw error;
    return { steps: [], kept: [], failures: [error] };
  }
  const lines = new Set(result.stdout.split('\n').map((line) => line.trim()));
  const steps = families
    .map(
      (family) => ({ kind: 'table', mode: 'nftables', family, name: tableName(family) }) as const,
    )
    .filter(({ name }) => lines.has(`table ${name} {`));
  return { steps, kept: [], failures: [] };
}

/**
 * Deletes one table; `undefined`, or why it is still there. Throws PermissionError or ToolError.
 */
export async function remove(host: Host, step: RemovalStep): Promise<LoadFault | undefined> {
  if (step.kind !== 'table') return undefined;
  const args = ['delete', 'table', ...step.name.split(' ')];
  const result = await host.run({ command: 'nft', args });
  if (result.kind === 'exited' && result.code !== 0) {
    const reason = result.stderr.trim();
    if (!/not permitted|Permission denied/.test(reason))
      return { kind: 'refused', table: step.name, lines: [], reason };
  }
  outputOf('nft', result);
  return undefined;
}
