/**
 * A process of `scripts/bench latency` that holds the rules of one cell, and measures them when
 * asked.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cellCommand, cellEnvironment } from './cells.js';
import type { LatencyCell, LatencyResult } from './latency-cell.js';

interface RunningCell {
  measure(): Promise<LatencyResult>;
  end(): Promise<void>;
}

/** Starts a cell and waits until its rules are loaded. */
export async function startCell(cell: LatencyCell, directory: string): Promise<RunningCell> {
  const child = spawn('unshare', cellCommand('latency-cell', cell), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: cellEnvironment(directory),
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<LatencyResult> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('a process of bench latency ended too early');
    return JSON.parse(value) as LatencyResult;
  };
  await next();
  return {
    measure: () => {
      child.stdin.write('\n');
      return next();
    },
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
