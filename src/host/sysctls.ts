/** Reads settings of the kernel. */

import type { Host } from './host.js';

/** Settings of the kernel by their name with dots; absent where they cannot be read. */
export async function readSysctls(
  host: Host,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const values = await Promise.all(
    names.map(async (name) => [name, await readSysctl(host, name)] as const),
  );
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Readonly<
    Record<string, string>
  >;
}

async function readSysctl(host: Host, name: string): Promise<string | undefined> {
  const text = await host.readFile(`/proc/sys/${name.replaceAll('.', '/')}`);
  return text?.trim().replace(/\s+/g, ' ');
}
