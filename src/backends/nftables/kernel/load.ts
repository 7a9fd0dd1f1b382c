/** Runs nft with a script, and reads from what it says which line it refused and why. */

import type { Host } from '../../../host/host.js';
import { throwIfInterrupted } from '../../../host/interruption.js';
import type { LoadFault, LoadOptions } from '../../kernel.js';
import type { Tools } from '../../tools.js';
import type { LoadInput } from '../../transaction.js';
import { nftFailure } from './read.js';

/**
 * `undefined` where all of the input was loaded, otherwise the reason why not: then the kernel is
 * as before, but for the transactions in front. With `test`, nft has the kernel check the input and
 * commits nothing. Throws PermissionError, TimeoutError or ToolError where it is not about the
 * input, and InterruptedError between two transactions or where nft was ended.
 */
export async function loadNft(
  host: Host,
  { restore: command }: Tools,
  input: LoadInput,
  { timeout, test = false, again = false, onTransaction, signal, kill }: LoadOptions,
): Promise<LoadFault | undefined> {
  // The second one can only be tried where the first one was loaded.
  for (const [index, { text }] of (test ? input.slice(0, 1) : input).entries()) {
    if (index > 0) throwIfInterrupted(signal);
    onTransaction?.(index, input);
    const result = await host.run({
      command,
      args: [...(test ? ['-c'] : []), '-f', '-'],
      input: text,
      detached: true,
      again,
      timeout,
      signal: kill,
    });
    if (result.kind === 'exited' && result.code === 0) continue;
    const fault = result.kind === 'exited' ? faultIn(result.stderr, text) : undefined;
    if (fault === undefined) throw nftFailure(result);
    return fault;
  }
  return undefined;
}

/** Many elements in one command: nft does not say which one it means. */
const GROUP = /^add element [^"]* \{(?:[^",]|"[^"]*")*,/;

/** `/dev/stdin:7:1-40: Error: Could not process rule: No such file or directory` */
const NAMED_LINE = /^\S*?:(\d+):\d+(?:-\d+)?: Error: (.*)$/gm;

/**
 * The fault in nft's error output; `undefined` if it names no line. Whether another program changed
 * the table meanwhile only a new read shows.
 */
export function faultIn(said: string, script: string): LoadFault | undefined {
  const named = [...said.matchAll(NAMED_LINE)];
  const [first] = named;
  if (first === undefined) return undefined;
  const all = script.split('\n');
  const reason = first[2] ?? '';
  // A Ruleset says `add` where an input says `create`.
  const lines = named.map(([, number]) =>
    (all[Number(number) - 1] ?? '').replace(/^create /, 'add '),
  );
  const [line = ''] = lines;
  return {
    kind: 'refused',
    table: line.split(' ').slice(2, 4).join(' '),
    // For a loop nft names every jump into it, also foreign ones.
    lines: reason.includes('Too many links')
      ? []
      : lines.filter(
          (found) => /^add (?:rule|element|chain|set|map) /.test(found) && !GROUP.test(found),
        ),
    reason,
  };
}
