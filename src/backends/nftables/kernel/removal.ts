/** Removes the tables of mode nftables, each as a whole. */

import { ParseError, ToolError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import type { Family } from '../../../net/ip.js';
import type { LoadFault, RemovalOptions, RemovalStep, Removals } from '../../kernel.js';
import { NOTHING_TO_REMOVE, partFailure } from '../../removals.js';
import { lacksNftables, outputOf } from '../../tool-failure.js';
import { tableName } from '../ownership.js';
import { nftFailure } from './read.js';

/**
 * Lists every table, with its sets. `list tables` would read all rules of the machine first, those
 * of iptables-nft included, which takes many seconds where there are thousands of Services.
 */
const LIST: readonly string[] = ['list', 'sets'];

/**
 * The tables that are there. Throws ToolError where there is no nft. Any other failure of nft may
 * hide a table, so it is one of the failures.
 */
export async function planRemovals(
  host: Host,
  families: readonly Family[],
  { signal }: RemovalOptions,
): Promise<Removals> {
  const result = await host.run({ command: 'nft', args: LIST, signal });
  if (result.kind === 'missing')
    throw new ToolError('the program nft is not installed', 'nft', {
      hint: 'install nftables where the rules may be of mode nftables',
    });
  if (lacksNftables(result)) return NOTHING_TO_REMOVE;
  if (result.kind !== 'exited' || result.code !== 0)
    return { ...NOTHING_TO_REMOVE, failures: [partFailure(nftFailure(result))] };
  if (!isListing(result.stdout)) return { ...NOTHING_TO_REMOVE, failures: [notUnderstood(result)] };
  const lines = new Set(result.stdout.split('\n'));
  const steps = families
    .map(
      (family) => ({ kind: 'table', mode: 'nftables', family, name: tableName(family) }) as const,
    )
    .filter(({ name }) => lines.has(`table ${name} {`));
  return { ...NOTHING_TO_REMOVE, steps };
}

/** Whether a text has the beginning and the end of a list of tables. */
function isListing(text: string): boolean {
  return text === '' || (text.startsWith('table ') && text.endsWith('\n}\n'));
}

function notUnderstood({ stdout }: { readonly stdout: string }): ParseError {
  const said = JSON.stringify(stdout.slice(0, 80));
  return new ParseError(`nft lists no tables but prints ${said}`, 0);
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
