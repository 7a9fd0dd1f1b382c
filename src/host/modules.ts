/** Which modules a kernel has: loaded, built in, or there to be loaded on demand. */

import type { Host } from './host.js';

/** The modules of the kernel that a machine lists. */
export interface KernelModules {
  /** Whether there is a list of what is built in or can be loaded, so that the rest is missing. */
  readonly isComplete: boolean;
  readonly has: (module: string) => boolean;
}

/** The modules of the running kernel. In a container mostly only loaded ones are listed. */
export async function kernelModules(host: Host): Promise<KernelModules> {
  const folder = `/lib/modules/${host.kernel()}`;
  const [loaded, builtIn, loadable] = await Promise.all(
    ['/proc/modules', `${folder}/modules.builtin`, `${folder}/modules.dep`].map((path) =>
      host.readFile(path),
    ),
  );
  const names = new Set(
    [loaded, builtIn, loadable]
      .flatMap((list) => [
        ...(list ?? '').matchAll(/^(?:[^\s:]*\/)?([\w-]+)(?:\.ko[\w.]*)?(?=[\s:]|$)/gm),
      ])
      .map(([, name = '']) => plain(name)),
  );
  return {
    isComplete: builtIn !== undefined && loadable !== undefined,
    has: (module) => names.has(plain(module)),
  };
}

/** File names have hyphens where the kernel has underscores, or not. */
function plain(name: string): string {
  return name.replaceAll('-', '_');
}

/**
 * Those of these modules that the kernel does not have, sorted; `undefined` where the machine does
 * not list them all. `a|b` is one module of two names.
 */
export async function missingModules(
  host: Host,
  wanted: readonly string[],
): Promise<readonly string[] | undefined> {
  const modules = await kernelModules(host);
  if (!modules.isComplete) return undefined;
  return wanted.filter((names) => !names.split('|').some(modules.has)).sort();
}
