/** Scripts of the tests that run as processes of their own. */

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const TESTS = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/vipc-test', import.meta.url));

const built = new Map<string, readonly [string, ...string[]]>();

/**
 * The command that runs a script and all that it imports: as one file of JavaScript, because the
 * loader of TypeScript costs each process a second. Where that file cannot be written, as in a
 * checkout of another user, the loader does it.
 */
export function scriptCommand(url: URL): readonly [string, ...string[]] {
  const path = fileURLToPath(url);
  const known = built.get(path) ?? [process.execPath, ...(bundled(path) ?? loaded(path))];
  built.set(path, known);
  return known;
}

function bundled(path: string): readonly string[] | undefined {
  const { outputFiles } = buildSync({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    // Packages are found from the cache as from here: it is in the same folder of packages.
    packages: 'external',
  });
  const text = outputFiles[0]?.text ?? '';
  const name = relative(TESTS, path).replaceAll('/', '-').replace(/\.ts$/, '.mjs');
  const file = join(CACHE, name);
  try {
    if (!isWritten(file, text)) {
      mkdirSync(CACHE, { recursive: true });
      // Another worker may run it at the same moment.
      writeFileSync(`${file}.${process.pid}`, text);
      renameSync(`${file}.${process.pid}`, file);
    }
    return [file];
  } catch {
    return undefined;
  }
}

function loaded(path: string): readonly string[] {
  return ['--import', import.meta.resolve('tsx'), path];
}

function isWritten(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
