/**
 * The memory of an agent does not grow with changes: ten thousand changes later it is as large as
 * before.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { type ApiServer, startApiServer } from '../support/api-server/index.js';
import type { LeakReport } from '../support/process/leak-process.js';
import { scriptCommand } from '../support/process/script.js';
import { until } from '../support/until.js';
import { cluster, shop, slice } from './objects.js';

const PROCESS = new URL('../support/process/leak-process.ts', import.meta.url);
/** Changes before the first look: until then maps and caches grow to their size. */
const WARM = 4000;
const ROUNDS = 5;
const CHANGES = 2000;
/**
 * Bytes per change. The smallest object that anybody can keep has 24, and its place in a list 8.
 */
const BOUND = 24;

/**
 * Eight changes: a Service with two slices comes, one goes, an endpoint changes, each name for the
 * only time.
 */
function changeEight(server: ApiServer, n: number): void {
  server.setMany(shop(`once-${n}`, 256 + (n % 512), 1));
  const name = `once-${n - 1}`;
  server.delete({ kind: 'Service', namespace: 'shop', name });
  for (const family of ['ipv4', 'ipv6'])
    server.delete({ kind: 'EndpointSlice', namespace: 'shop', name: `${name}-${family}` });
  server.set(slice('s1', 'IPv4', [`10.9.${(n >> 7) & 255}.${1 + (n & 127)}`]));
  server.set(slice('s2', 'IPv6', [`fd00:9::${n.toString(16)}`]));
}

/** What the agent held after each round. */
async function reports(leak: string): Promise<readonly LeakReport[]> {
  const server = await startApiServer({
    ...{ objects: cluster(5), historyLimit: 2000, bookmarkIntervalMs: 600 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'vipc-leak-'));
  await server.kubeconfig(join(folder, 'kubeconfig'));
  // Optimised code grows with what it has seen, for long, and is no leak.
  const [node, ...script] = scriptCommand(PROCESS);
  const words = ['--expose-gc', '--no-opt', ...script];
  const child = spawn(node, [...words, join(folder, 'kubeconfig'), leak], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    const { value } = await lines.next();
    if (value === undefined) throw new Error('the agent ended');
    return value;
  };
  try {
    const found: LeakReport[] = [];
    let n = 0;
    const looked = async (): Promise<LeakReport> => JSON.parse(await ask(`look once-${n}`));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const last = n + (round === 0 ? WARM : CHANGES) / 8; n < last; ) {
        changeEight(server, ++n);
        if (n % 100 === 0) server.resetWatches({ midLine: true });
        if (n % 10 === 0) await ask(`wait once-${n}`);
      }
      found.push(await looked());
    }
    // A request that waits listens as well, until it is answered. A listener that stays is never
    // gone.
    await until(
      async () => (await looked()).listeners <= found[0]!.listeners,
      () => `as few listeners as before: ${JSON.stringify(found)}`,
    );
    child.stdin.end();
    expect(await ended).to.equal(0);
    return found;
  } finally {
    child.kill('SIGKILL');
    await server.close();
    await rm(folder, { recursive: true });
  }
}

/**
 * Bytes per change: the median of the slopes between any two looks (Theil and Sen), which one look
 * at a moment with more in memory hardly moves.
 */
function growth(found: readonly LeakReport[]): number {
  const slopes = found.flatMap((a, i) =>
    found.slice(i + 1).map((b) => (b.heap - a.heap) / (b.changed - a.changed)),
  );
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? Number.NaN;
}

describe('an agent over 10,000 changes', () => {
  it('holds no more than before, and listens to nothing twice', async () => {
    const found = await reports('');
    expect(found.at(-1)?.changed).to.be.greaterThan(10_000);
    expect(growth(found), JSON.stringify(found)).to.be.lessThan(BOUND);
  });

  it('would be found if it kept one small object per change', async () => {
    const found = await reports('leak');
    expect(growth(found), JSON.stringify(found)).to.be.greaterThan(BOUND);
  });
});
