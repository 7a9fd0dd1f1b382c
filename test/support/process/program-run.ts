/** The program itself, run in a network namespace of a test. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace } from '../machines/netns.js';
import { PROGRAM } from './program.js';
import type { Ran } from './run-in.js';

/** A program that was started, in a process group of its own. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ran>;
}

/** Starts `vipc` with these words; with `before`, as the argument of another program. */
export function startVipc(
  namespace: Namespace,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Running {
  const program = [...before, ...PROGRAM, ...words];
  const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', ...program], {
    env: { ...process.env, ...namespace.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), out, err }));
  return { pid: child.pid ?? 0, ended };
}
