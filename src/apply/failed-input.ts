/** Saves refused input to a file, for diagnosis. */

import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';

/** How many file names are tried: others may write to the folder too. */
const ATTEMPTS = 3;
let count = 0;

/**
 * Path of a new file with the input that only its owner may read; `''` where none can be written: a
 * full disk must not hide why a load failed.
 */
export async function keepFailedInput(
  host: Host,
  folder: string,
  family: Family,
  input: string,
): Promise<string> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const name = `vipc-refused-${family.toLowerCase()}-${process.pid}-${systemClock.wall()}-${++count}.rules`;
    const path = `${folder}/${name}`;
    const written = await host.replaceFile(path, input).then(
      () => true,
      () => false,
    );
    if (written) return path;
  }
  return '';
}

/**
 * The folder for refused inputs: `$XDG_STATE_HOME/vipc`, else `/tmp/vipc` or where `$TMPDIR` says.
 */
export function defaultFailedFolder(host: Host): string {
  return `${host.variable('XDG_STATE_HOME') || host.variable('TMPDIR') || '/tmp'}/vipc`;
}
