/**
 * Remembers what vipc has set on a machine beside the rules: `/run/vipc/settings-INODE.json`, one per network namespace
 * and gone with the next boot, as the settings are.
 */

import type { Host } from '../host/host.js';
import { parseHostChanges } from '../plan/host-changes.js';
import type { HostChange } from '../plan/types.js';

/** Adds a change. What was before the first change of a setting is what cleanup goes back to. */
export async function rememberChange(host: Host, change: HostChange): Promise<void> {
  const known = await rememberedChanges(host);
  const first = known.find(({ kind, name }) => kind === change.kind && name === change.name);
  const others = known.filter((one) => one !== first);
  const merged =
    first?.kind === 'sysctl' && change.kind === 'sysctl'
      ? { ...change, before: first.before }
      : change;
  // A machine whose /run cannot be written gets its rules all the same.
  await host
    .replaceFile(await statePath(host), `${JSON.stringify([...others, merged])}\n`)
    .catch(() => {});
}

/** All changes, in the order they were made; none where the file is missing or none of ours. */
export async function rememberedChanges(host: Host): Promise<readonly HostChange[]> {
  const text = await host.readFile(await statePath(host));
  return text === undefined ? [] : parseHostChanges(text);
}

/** Forgets them all. */
export async function forgetChanges(host: Host): Promise<void> {
  await host.removeFile(await statePath(host)).catch(() => {});
}

async function statePath(host: Host): Promise<string> {
  const namespace = (await host.readLink('/proc/self/ns/net')) ?? '';
  return `/run/vipc/settings-${/\d+/.exec(namespace)?.[0] ?? 'unknown'}.json`;
}
