/**
 * Reads one table with iptables-save chain by chain, so that no more than one chain of a big table
 * is in memory.
 */

import { ParseError } from '../../../errors.js';
import type { Host } from '../../../host/host.js';
import { failure } from '../../tool-failure.js';
import type { Tools } from '../../tools.js';
import type { DumpChain } from '../syntax/dump.js';
import { DumpReader } from '../syntax/dump-reader.js';

/** Milliseconds; as long as reading a table whole may take elsewhere. */
const SAVE_TIMEOUT = 180_000;

/**
 * Gives every chain of a table to `found`, those with rules first. Throws ParseError where the tool
 * did not print all of the table, which is then never taken for an empty one, and ToolError,
 * PermissionError or TimeoutError.
 */
export async function eachSavedChain(
  {
    host,
    tools,
    signal,
  }: { readonly host: Host; readonly tools: Tools; readonly signal?: AbortSignal | undefined },
  table: string,
  found: (name: string, chain: DumpChain) => void,
): Promise<void> {
  const reader = new DumpReader({ name: tools.save }, { onChain: found });
  let fault: unknown;
  const result = await host.follow(
    {
      command: tools.save,
      args: ['-t', table],
      bytes: true,
      timeout: SAVE_TIMEOUT,
      signal,
    },
    (line) => {
      if (fault !== undefined) return;
      try {
        reader.line(line);
      } catch (error) {
        fault = error;
      }
    },
  );
  if (result.kind !== 'exited' || result.code !== 0) throw failure(tools.save, result);
  if (fault !== undefined) throw fault;
  if (!reader.finish().tables.has(table))
    throw new ParseError(`${tools.save} printed no table ${table}`, 0);
}
