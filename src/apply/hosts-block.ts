/** Keeps the names of Services in a hosts file. */

import { type BlockFault, type Incomplete, withHostsBlock } from '../dns/hosts-block.js';
import { InputError } from '../errors.js';
import { changeHostsFile } from '../host/hosts-file.js';

/**
 * Makes these lines the block of a hosts file; none: removes it. Returns whether the file was
 * written. Throws InputError where it cannot be read or has no single block, OutputError where it
 * cannot be replaced.
 */
export async function changeHostsBlock(
  path: string,
  lines: readonly string[],
  incomplete?: Incomplete,
): Promise<boolean> {
  return changeHostsFile(path, (text) => {
    const changed = withHostsBlock(text, lines, incomplete);
    if (typeof changed === 'string') return changed;
    throw brokenBlock(path, changed);
  });
}

function brokenBlock(path: string, { fault, line }: BlockFault): InputError {
  return new InputError(`${path}:${line}: ${fault}`, {
    hint: 'leave one block, from "# BEGIN vipc" to "# END vipc", or none',
  });
}
