/**
 * Remembers what vipc has set on a machine beside the rules, in `settings.json` of the namespace's
 * folder below /run/vipc. It does not outlive a boot, as the settings do not.
 */

import type { Host } from '../host/host.js';
import { namespaceFolder } from '../host/namespace-folder.js';
import { shapeCheck } from '../input/shape-check.js';
import { HOST_CHANGES } from '../plan/plan-schema.js';
import { checkHostChanges } from '../plan/precompiled.js';
import type { HostChange } from '../plan/types.js';

/**
 * Adds a change. Of several changes of one setting, cleanup restores the value before the first. A
 * value that is not the one set last starts over: another program has set it, or a new namespace
 * has got the inode number of an old one.
 */
export async function rememberChange(host: Host, change: HostChange): Promise<void> {
  const known = await rememberedChanges(host);
  const last = known.find(({ kind, name }) => kind === change.kind && name === change.name);
  const isContinued =
    last?.kind === 'sysctl' && change.kind === 'sysctl' && last.after === change.before;
  const merged = isContinued ? { ...change, before: last.before } : change;
  const others = known.filter((one) => one !== last);
  await rememberOnly(host, [...others, merged]);
}

/** Forgets all changes but these. */
export async function rememberOnly(host: Host, changes: readonly HostChange[]): Promise<void> {
  const path = await statePath(host);
  const text = `${JSON.stringify(changes)}\n`;
  // Rules are loaded also where /run cannot be written.
  await (changes.length === 0 ? host.removeFile(path) : host.replaceFile(path, text)).catch(
    () => {},
  );
}

/** All changes, oldest first; none where the file is missing or is not valid. */
export async function rememberedChanges(host: Host): Promise<readonly HostChange[]> {
  const text = await host.readFile(await statePath(host));
  return text === undefined ? [] : parseHostChanges(text);
}

async function statePath(host: Host): Promise<string> {
  return `${await namespaceFolder(host)}/settings.json`;
}

const check = shapeCheck<readonly HostChange[]>(HOST_CHANGES, checkHostChanges);

/** The settings in a text; none where it is no list of settings that rules for Services need. */
function parseHostChanges(text: string): readonly HostChange[] {
  try {
    const value: unknown = JSON.parse(text);
    return check.passes(value) ? value : [];
  } catch {
    return [];
  }
}
