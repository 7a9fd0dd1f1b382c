/**
 * What the commands of `scripts/bench` start: the built program, and cells, which are processes of
 * the bench in network namespaces of their own.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from './measuring.js';

/** The built program: a loader of sources would cost memory, and a second at the start. */
export const PROGRAM: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Throws where the program is not built. */
export function requireProgram(): void {
  if (!existsSync(PROGRAM)) throw new Error('no dist/: run npm run build first');
}

/**
 * The words behind `unshare` that run a hidden command of the bench with a cell as its argument.
 */
export function cellCommand(name: string, cell: object): readonly string[] {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return ['-n', process.execPath, '--import', 'tsx', main, name, JSON.stringify(cell)];
}

/** The environment of a cell: legacy tools have one lock file for all namespaces of a machine. */
export function cellEnvironment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, XTABLES_LOCKFILE: join(folder, 'lock') };
}

/** Runs a cell to its end and returns what it measured. */
export function spawnCell(name: string, cell: object): Measured {
  const folder = mkdtempSync(join(tmpdir(), 'vipc-bench-'));
  try {
    const out = execFileSync('unshare', cellCommand(name, cell), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: cellEnvironment(folder),
    });
    return JSON.parse(out) as Measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The values of several cells, by name. */
export type Gathered = ReadonlyMap<string, readonly number[]>;

export function gathered(all: readonly Measured[]): Gathered {
  const names = new Set(all.flatMap((one) => Object.keys(one)));
  return new Map([...names].map((name) => [name, all.flatMap((one) => one[name] ?? [])]));
}
