/** The lock between processes that run, stop and are killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { tryNamespaceLock } from '../../src/host/namespace-lock.js';

const LOCK = new URL('../../src/host/namespace-lock.ts', import.meta.url).href;

describe('lock of a network namespace', () => {
  let root = '';
  let folder = '';
  const children = new Set<ChildProcess>();

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vipc-lock-'));
    folder = join(root, 'ns-1-aa');
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
    await rm(root, { recursive: true });
  });

  const attempt = () => tryNamespaceLock(folder, 'a', 'pid 8 (second)');
  /** A program with `lock` in scope, its output line by line. */
  const program = (text: string): { child: ChildProcess; lines: AsyncIterator<string> } => {
    const source = `const { tryNamespaceLock: lock } = await import(${JSON.stringify(LOCK)});
const folder = ${JSON.stringify(folder)};\n${text}`;
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', source],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.add(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    return { child, lines };
  };

  it('is free when its holder was killed, and those who wait learn of it', async () => {
    const { child, lines } = program(
      `await lock(folder, 'a', 'pid 9'); console.log('held'); process.stdin.resume();`,
    );
    expect((await lines.next()).value).to.equal('held');
    const second = await attempt();
    if (second.kind !== 'taken') throw new Error('not taken');
    expect(second.by).to.equal('pid 9');
    child.kill('SIGKILL');
    await second.released;
    await once(child, 'exit');
    expect(await readdir(folder)).to.have.length(1);
    const third = await attempt();
    if (third.kind !== 'held') throw new Error(`taken by ${third.by}`);
    await third.release();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('is not free when its holder is stopped', async () => {
    const { child, lines } = program(
      `await lock(folder, 'a', 'pid 9'); console.log('held'); process.stdin.resume();`,
    );
    await lines.next();
    child.kill('SIGSTOP');
    expect((await attempt()).kind).to.equal('taken');
  });

  it('is never held by two of many processes that take and release it without a pause', async () => {
    const text = `
      import { mkdirSync, rmdirSync } from 'node:fs';
      setInterval(() => {}, 1000);
      let held = 0;
      while (held < 40) {
        const attempt = await lock(folder, 'a', 'x');
        if (attempt.kind === 'taken') { await attempt.released; continue; }
        held += 1;
        mkdirSync(${JSON.stringify(join(root, 'inside'))});
        await new Promise(setImmediate);
        rmdirSync(${JSON.stringify(join(root, 'inside'))});
        await attempt.release();
      }
      console.log('done');
      process.exit(0);`;
    const running = Array.from({ length: 4 }, () => program(text));
    for (const { lines } of running) expect((await lines.next()).value).to.equal('done');
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
