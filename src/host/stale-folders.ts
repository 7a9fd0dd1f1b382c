/** Removes the folders of network namespaces that no longer exist. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { firstMatch, ROOT } from './namespace-folder.js';

/**
 * The initial PID namespace (PROC_PID_INIT_INO of the kernel). Processes of every other one are
 * visible in it.
 */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * Removes the folders of namespaces that no longer exist: those of an earlier boot, and those that
 * no process and no mount of this machine refers to. The latter is only known where every process
 * is visible; elsewhere they stay. Never rejects.
 */
export async function removeStaleFolders(current: string, root: string = ROOT): Promise<void> {
  const [, , boot] = basename(current).split('-');
  const others = (await list(root)).flatMap((name) => {
    const [, inode, its] = /^ns-(\w+)-(\w+)$/.exec(name) ?? [];
    const path = join(root, name);
    if (inode === undefined || path === current) return [];
    return [{ path, inode, isOfThisBoot: its === boot }];
  });
  if (others.length === 0) return;
  // Listed first: what appears in a folder after this is of a process that the scan below sees.
  const files = new Map(
    await Promise.all(others.map(async ({ path }) => [path, await list(path)] as const)),
  );
  const inUse = namespacesInUse();
  for (const { path, inode, isOfThisBoot } of others) {
    if (isOfThisBoot && (inUse === undefined || inUse.has(inode))) continue;
    for (const name of files.get(path) ?? []) await rm(join(path, name)).catch(() => {});
    await rmdir(path).catch(() => {});
  }
}

/**
 * Inodes of all network namespaces with a process or a mount; `undefined` where not all are
 * visible. Reads at once: a promise for each link takes several times as long.
 */
function namespacesInUse(): ReadonlySet<string> | undefined {
  try {
    if (readlinkSync('/proc/self/ns/pid') !== INITIAL_PID_NAMESPACE) return undefined;
    const found = new Set<string>();
    const mountNamespaces = new Set<string>();
    for (const pid of readdirSync('/proc')) {
      // Some machines hide init, which is in the namespaces of the kernel's threads.
      if (!/^\d+$/.test(pid) || pid === '1') continue;
      const net = unlessEnded(() => readlinkSync(`/proc/${pid}/ns/net`));
      if (net !== undefined) found.add(firstMatch(/\d+/, net));
      const mount = unlessEnded(() => readlinkSync(`/proc/${pid}/ns/mnt`));
      if (mount === undefined || mountNamespaces.has(mount)) continue;
      const mounts = unlessEnded(() => readFileSync(`/proc/${pid}/mountinfo`, 'latin1'));
      if (mounts === undefined) continue;
      mountNamespaces.add(mount);
      for (const [, inode = ''] of mounts.matchAll(/ net:\[(\d+)\] /g)) found.add(inode);
    }
    return found;
  } catch {
    return undefined;
  }
}

/** `undefined` where the process has ended meanwhile; throws where it may not be looked at. */
function unlessEnded(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

function list(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
