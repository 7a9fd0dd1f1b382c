/** When nf_tables of this network namespace committed a change: see `commits.c`. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { builtC } from './c-program.js';

export class KernelCommits {
  readonly #times: number[] = [];
  readonly #child;

  private constructor(program: string) {
    this.#child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Builds the program in a folder, and waits until it is told of every commit. */
  static async follow(directory: string): Promise<KernelCommits> {
    const commits = new KernelCommits(builtC('commits', directory));
    const lines = createInterface({ input: commits.#child.stdout });
    await once(lines, 'line');
    // Both clocks are monotonic, and begin at different times.
    const begin = Number(process.hrtime.bigint()) / 1e6 - performance.now();
    lines.on('line', (line) => commits.#times.push(Number(line) - begin));
    return commits;
  }

  /** The last one before a time, all by `performance.now()`; `undefined` where there was none. */
  lastBefore(time: number, from: number): number | undefined {
    return this.#times.findLast((one) => one <= time && one >= from);
  }

  async end(): Promise<void> {
    this.#child.kill();
    await once(this.#child, 'close');
  }
}
