/**
 * Remembers which kube-proxy the rules of a mode follow, in the namespace's folder below /run/vipc.
 * It does not outlive a boot, as the rules do not.
 */

import type { Host } from '../host/host.js';
import { namespaceFolder } from '../host/namespace-folder.js';
import type { BackendName } from '../ruleset/types.js';

const MODES: readonly BackendName[] = ['iptables', 'nftables'];

/** The version, such as `1.34.2`, as it was written; `''` where none is remembered. */
export async function rememberedProfile(host: Host, mode: BackendName): Promise<string> {
  return ((await host.readFile(await statePath(host, mode))) ?? '').trim();
}

/** Notes the version. Rules are loaded also where /run cannot be written. */
export async function rememberProfile(
  host: Host,
  mode: BackendName,
  version: string,
): Promise<void> {
  await host.replaceFile(await statePath(host, mode), `${version}\n`).catch(() => {});
}

/** Forgets the versions of all modes. */
export async function forgetProfiles(host: Host): Promise<void> {
  for (const mode of MODES) await host.removeFile(await statePath(host, mode)).catch(() => {});
}

async function statePath(host: Host, mode: BackendName): Promise<string> {
  return `${await namespaceFolder(host)}/profile-${mode}`;
}
