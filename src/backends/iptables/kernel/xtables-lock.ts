/** Who holds the lock of the legacy tools. */

import type { Host } from '../../../host/host.js';

/** Where the legacy tools keep their lock unless the environment says otherwise. */
const XTABLES_LOCK = '/run/xtables.lock';

/**
 * The process that holds the lock of the legacy tools, `pid 4711 (iptables)`; `''` where it cannot
 * be found out.
 */
export async function xtablesLockHolder(host: Host): Promise<string> {
  const path = host.variable('XTABLES_LOCKFILE') || XTABLES_LOCK;
  const inode = await host.inode(path);
  if (inode === undefined) return '';
  const locks = (await host.readFile('/proc/locks')) ?? '';
  // `1: FLOCK  ADVISORY  WRITE 4711 00:19:1234 0 EOF`; who waits has an arrow behind the number.
  const held = [...locks.matchAll(/^\d+: FLOCK +\S+ +\S+ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm)];
  const pid = held.find(([, , number]) => Number(number) === inode)?.[1];
  if (pid === undefined) return '';
  const name = (await host.readFile(`/proc/${pid}/comm`))?.trim() ?? '';
  return name === '' ? `pid ${pid}` : `pid ${pid} (${name})`;
}
