/** `scripts/bench start`: how long `vipc --version` takes beside Node.js that does nothing. */

import { execFileSync } from 'node:child_process';

import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { requireProgram } from './cells.js';
import { median, spread, table, timed } from './report.js';

export interface StartBenchOptions {
  readonly runs: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const NODE = 'node -e 0';
/** What is started, by the name that is printed. The first is what the others are compared with. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  [NODE]: [process.execPath, '-e', '0'],
  'vipc --version': [`${root}bin/vipc.cjs`, '--version'],
  'vipc compile --help': [`${root}bin/vipc.cjs`, 'compile', '--help'],
};

/** Prints the table. The commands take turns, so that a busy moment slows down all of them. */
export function benchStart({ runs }: StartBenchOptions): void {
  requireProgram();
  const commands = Object.entries(COMMANDS);
  const times = new Map(commands.map(([name]): [string, number[]] => [name, []]));
  for (let run = 0; run <= runs; run++) {
    for (const [name, [program = '', ...args]] of commands) {
      const { ms } = timed(() => execFileSync(program, args, { stdio: 'ignore' }));
      // The first round reads the files from the disk.
      if (run > 0) times.get(name)?.push(ms);
    }
  }
  const bare = median(times.get(NODE) ?? []);
  const [load = 0] = loadavg();
  console.log(
    table([
      ['wall time', `ms, median of ${runs} (range)`, 'ratio'],
      ...[...times].map(([name, ms]) => [name, spread(ms, 1), (median(ms) / bare).toFixed(2)]),
    ]),
  );
  console.log(`\nload average of the last minute: ${load.toFixed(1)}`);
}
