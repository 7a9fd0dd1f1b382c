/** Programs that are started before their input is there. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from '../../src/host/host.js';
import { canRun } from '../../src/host/process-state.js';
import { SystemHost } from '../../src/host/system-host.js';
import { until } from '../support/until.js';

const HOST = new URL('../../src/host/system-host.ts', import.meta.url).href;

/** Writes its process ID into a file when it starts and prints it after its input. */
const SCRIPT = 'echo $$ >> "$0"; cat; echo $$; [ ! -e "$0.slow" ] || exec sleep 600';

describe('host/waiting-programs', () => {
  let folder: string;
  let file: string;
  let host: SystemHost;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-host-'));
    file = join(folder, 'started');
    host = new SystemHost();
    await writeFile(file, '');
  });
  afterEach(async () => {
    const last = started().at(-1);
    if (last !== undefined && isRunning(last)) process.kill(last, 'SIGKILL');
    await rm(folder, { recursive: true });
  });

  const command = (input: string): Command => ({
    ...{ command: 'sh', args: ['-c', SCRIPT, file], input, detached: true, again: true },
  });
  const started = (): readonly number[] =>
    readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  const output = async (input: string): Promise<string> => {
    const result = await host.run(command(input));
    expect(result).to.include({ kind: 'exited', code: 0 });
    return result.kind === 'exited' ? result.stdout : '';
  };

  it('take the input of the next request, and the next one is started', async () => {
    expect(await output('first\n')).to.equal(`first\n${started()[0]}\n`);
    await until(() => started().length === 2);
    const [, second = 0] = started();
    expect(isRunning(second)).to.equal(true);
    expect(await output('second\n')).to.equal(`second\n${second}\n`);
    expect(host.hasStarted(second)).to.equal(true);
    await until(() => started().length === 3);
  });

  it('are only for what names them, and for input that a pipe takes at once', async () => {
    await output('first\n');
    await until(() => started().length === 2);
    const [, second] = started();
    expect(await host.run({ ...command('x\n'), again: false })).to.not.have.property(
      'stdout',
      `x\n${second}\n`,
    );
    expect(await output('x'.repeat(70_000))).to.not.match(new RegExp(`${second}\n$`));
    expect(await output('y\n')).to.equal(`y\n${second}\n`);
    await until(() => started().length === 5);
  });

  it('are replaced where they have ended meanwhile', async () => {
    await output('first\n');
    await until(() => started().length === 2);
    const [, second = 0] = started();
    process.kill(second, 'SIGKILL');
    // Gone altogether: this process has been told.
    await until(() => !existsSync(`/proc/${second}`));
    expect(await output('second\n')).to.equal(`second\n${started()[2]}\n`);
    await until(() => started().length === 4);
  });

  it('are ended and replaced where somebody stopped them', async () => {
    for (const input of ['second\n', 'x'.repeat(70_000)]) {
      await output('first\n');
      await until(() => isRunning(started().at(-1) ?? 0));
      const before = started().length;
      const last = started().at(-1) ?? 0;
      process.kill(last, 'SIGSTOP');
      await until(() => !canRun(last));
      expect(await output(input)).to.not.match(new RegExp(`${last}\n$`));
      await until(() => !isRunning(last) && started().length === before + 2);
    }
  });

  it('are killed after the timeout of their request, and on abort', async () => {
    for (const [by, limits] of [
      ['timeout', { timeout: 50 }],
      ['abort', { signal: AbortSignal.abort() }],
    ] as const) {
      await rm(`${file}.slow`, { force: true });
      const before = started().length;
      await output('first\n');
      await until(() => started().length === before + 2);
      await writeFile(`${file}.slow`, '');
      const result = await host.run({ ...command('second\n'), ...limits });
      expect(result).to.include({ kind: 'killed', by });
      expect(isRunning(started().at(-1) ?? 0)).to.equal(false);
    }
  });

  it('neither keep this process nor outlive it', async () => {
    const script = `
      const { SystemHost } = await import(${JSON.stringify(HOST)});
      const { readFileSync } = await import('node:fs');
      await new SystemHost().run(${JSON.stringify(command('first\n'))});
      while (readFileSync(${JSON.stringify(file)}, 'utf8').split('\\n').length < 3)
        await new Promise((resolve) => setTimeout(resolve, 10));
    `;
    const child = spawn(process.execPath, [
      ...['--import', 'tsx', '--input-type=module', '-e', script],
    ]);
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
    const [, second = 0] = started();
    await until(() => !isRunning(second));
  });
});

/** A dead process that nobody has asked about is none. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
