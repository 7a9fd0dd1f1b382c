/** The folder below /run/vipc that holds the locks and the state of one network namespace. */

import type { Host } from './host.js';

/** The folder that holds one folder for each network namespace. */
export const ROOT = '/run/vipc';

/**
 * The folder of the network namespace that this process is in, `/run/vipc/ns-INODE-BOOT`. The
 * kernel reuses inode numbers, after a boot from the start: the first digits of the boot id
 * distinguish boots.
 */
export async function namespaceFolder(host: Pick<Host, 'readFile' | 'readLink'>): Promise<string> {
  const link = await host.readLink('/proc/self/ns/net');
  const boot = await host.readFile('/proc/sys/kernel/random/boot_id');
  return `${ROOT}/ns-${firstMatch(/\d+/, link)}-${firstMatch(/[0-9a-f]{8}/, boot)}`;
}

/** What a pattern finds in a text; `unknown` where it finds nothing. */
export function firstMatch(pattern: RegExp, text: string | undefined): string {
  return pattern.exec(text ?? '')?.[0] ?? 'unknown';
}
