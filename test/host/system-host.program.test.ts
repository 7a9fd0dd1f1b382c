import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SystemHost } from '../../src/host/system-host.js';
import { PATIENCE, until } from '../support/until.js';

const host = new SystemHost();
const node = process.execPath;

const HOST = new URL('../../src/host/system-host.ts', import.meta.url).href;

/** A dead process that nobody has asked about is none. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('host/system-host', () => {
  it('gives input to a program and both of its outputs back, byte for byte', async () => {
    const script =
      'process.stdin.pipe(process.stdout); process.stderr.write("said\\n"); process.exitCode = 3';
    expect(
      await host.run({ command: node, args: ['-e', script], input: 'a\n\nb\n\n' }),
    ).to.deep.equal({
      kind: 'exited',
      code: 3,
      stdout: 'a\n\nb\n\n',
      stderr: 'said\n',
    });
  });

  it('gives a long input whole or not at all: as a file without a name, where there is room for one', async () => {
    const input = 'x\n'.repeat(100_000);
    const script = 'readlink /proc/self/fd/0; cat /dev/stdin | wc -c; wc -c';
    const run = async (given: string): Promise<readonly string[]> => {
      const result = await host.run({ command: 'sh', args: ['-c', script], input: given });
      return result.kind === 'exited' ? result.stdout.trim().split(/\s+/) : [];
    };
    const [name = '', ...rest] = await run(input);
    expect(name).to.match(/vipc-input-.*\/input$/);
    expect(rest).to.deep.equal(['(deleted)', '200000', '200000']);
    expect((await run('x'))[0]).to.match(/^pipe:|^socket:/);
    expect(
      await host.run({ command: 'wc', args: ['-c'], input: 'é'.repeat(70_000), bytes: true }),
    ).to.include({ stdout: '70000\n' });

    const folder = process.env.TMPDIR;
    process.env.TMPDIR = '/proc/nowhere';
    try {
      expect(await host.run({ command: 'wc', args: ['-c'], input })).to.include({
        stdout: '200000\n',
      });
    } finally {
      if (folder === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = folder;
    }
  });

  it('connects no input where none is given, and survives a program that does not read its input', async () => {
    expect(await host.run({ command: 'cat', args: [] })).to.include({
      kind: 'exited',
      code: 0,
      stdout: '',
    });
    const deaf = await host.run({ command: 'true', args: [], input: 'x'.repeat(1_000_000) });
    expect(deaf).to.include({ kind: 'exited', code: 0 });
  });

  it('gives a missing program and one that may not run as values', async () => {
    expect(await host.run({ command: 'vipc-no-such-program', args: [] })).to.deep.equal({
      kind: 'missing',
      reason: 'spawn vipc-no-such-program ENOENT',
    });
    for (const command of ['/etc/passwd', 'a\0b'])
      expect(await host.run({ command, args: [] })).to.have.property('kind', 'missing');
  });

  it('kills after the timeout and on abort, and distinguishes both from a foreign signal', async () => {
    const sleep = { command: 'sleep', args: ['30'] };
    const [late, aborted, early, killed] = await Promise.all([
      host.run({ ...sleep, timeout: 50 }),
      host.run({ ...sleep, signal: AbortSignal.timeout(50) }),
      host.run({ ...sleep, signal: AbortSignal.abort() }),
      host.run({ command: 'sh', args: ['-c', 'kill -KILL $$'] }),
    ]);
    expect(late).to.include({ kind: 'killed', by: 'timeout', signal: 'SIGTERM' });
    for (const one of [aborted, early]) expect(one).to.include({ kind: 'killed', by: 'abort' });
    expect(killed).to.include({ kind: 'killed', by: 'signal', signal: 'SIGKILL' });
  });

  it('kills a program that ignores SIGTERM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vipc-host-'));
    try {
      const ready = join(folder, 'ready');
      const ending = new AbortController();
      const args = ['-c', `trap "" TERM; : > ${ready}; while :; do sleep 1; done`];
      const { signal } = ending;
      const running = host.run({ command: 'sh', args, timeout: PATIENCE, signal });
      await until(() => existsSync(ready));
      ending.abort();
      expect(await running).to.include({ kind: 'killed', by: 'abort', signal: 'SIGKILL' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('does not wait for the child of a program that ends or is killed, which holds its output open', async () => {
    const cases = [
      ['', { kind: 'exited', code: 0 }],
      ['; sleep 600', { kind: 'killed', by: 'timeout' }],
    ] as const;
    // Each takes as long as its timeout.
    await Promise.all(
      cases.map(async ([after, expected]) => {
        const result = await host.run({
          command: 'sh',
          args: ['-c', `sleep 600 & echo $!${after}`],
          timeout: 4_000,
        });
        expect(result).to.include(expected);
        const child = 'stdout' in result ? result.stdout.trim() : '';
        expect(child).to.match(/^\d+$/);
        process.kill(Number(child), 'SIGKILL');
      }),
    );
  });

  it('ends a program with endless output, and gives it variables', async () => {
    const endless = { command: 'sh', args: ['-c', 'yes "$WORD"'], maxOutput: 1_000 };
    const result = await host.run({ ...endless, variables: { WORD: 'hello' } });
    expect('stdout' in result ? result.stdout : '')
      .to.have.length(1_000)
      .and.to.match(/^hello\nhello\n/);
  });

  it('passes on output line by line and keeps none of it', async () => {
    const lines: string[] = [];
    const script = 'printf "a\\n\\nb\\nc"; echo said >&2; exit 3';
    const result = await host.follow({ command: 'sh', args: ['-c', script] }, (line) => {
      lines.push(line);
    });
    expect(result).to.deep.equal({ kind: 'exited', code: 3, stdout: '', stderr: 'said\n' });
    expect(lines).to.deep.equal(['a', '', 'b', 'c']);
    const bytes: string[] = [];
    const command = { command: 'printf', args: ['\\377\\303\\244\\n'], bytes: true };
    await host.follow(command, (line) => {
      bytes.push(line);
    });
    expect(bytes).to.deep.equal(['\u00ff\u00c3\u00a4']);
  });

  it('ends a followed program after the timeout and on abort, and reports a missing program', async () => {
    const sleep = { command: 'sleep', args: ['30'] };
    const nothing = (): void => {};
    const [late, aborted, missing] = await Promise.all([
      host.follow({ ...sleep, timeout: 50 }, nothing),
      host.follow({ ...sleep, signal: AbortSignal.timeout(50) }, nothing),
      host.follow({ command: 'vipc-no-such-program', args: [] }, nothing),
    ]);
    expect(late).to.include({ kind: 'killed', by: 'timeout' });
    expect(aborted).to.include({ kind: 'killed', by: 'abort' });
    expect(missing).to.have.property('kind', 'missing');
  });

  it('knows the programs that it has started', async () => {
    const { stdout } = (await host.run({ command: 'sh', args: ['-c', 'echo $$'] })) as {
      readonly stdout: string;
    };
    expect(host.hasStarted(Number(stdout))).to.equal(true);
    expect(host.hasStarted(process.pid)).to.equal(false);
  });

  it('what it follows does not outlive it, however it ends', async () => {
    const script = `
      const { SystemHost } = await import(${JSON.stringify(HOST)});
      void new SystemHost().follow({ command: 'sh', args: ['-c', 'echo $$; exec sleep 60'] }, (line) => console.log(line));
    `;
    const child = spawn(node, ['--import', 'tsx', '--input-type=module', '-e', script]);
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(first.toString());
    expect(isRunning(pid)).to.equal(true);
    child.kill('SIGKILL');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  for (const [how, end] of [
    ['ends', 'process.exit()'],
    ['is ended', 'process.kill(process.pid, "SIGTERM")'],
  ] as const)
    it(`what it runs does not outlive a process that ${how}, unless it is detached`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'vipc-host-'));
      const script = `
        const { SystemHost } = await import(${JSON.stringify(HOST)});
        const { readdirSync } = await import('node:fs');
        const folder = ${JSON.stringify(folder)};
        for (const detached of [false, true]) {
          const args = ['-c', 'ln -s $$ ' + folder + '/' + detached + '; exec sleep 60'];
          void new SystemHost().run({ command: 'sh', args, detached });
        }
        setInterval(() => readdirSync(folder).length === 2 && ${end}, 10);
      `;
      try {
        const child = spawn(node, ['--import', 'tsx', '--input-type=module', '-e', script]);
        await once(child, 'exit');
        const [other, own] = await Promise.all(
          ['true', 'false'].map(async (name) => Number(await host.readLink(join(folder, name)))),
        );
        while (isRunning(own!)) await new Promise((resolve) => setTimeout(resolve, 20));
        expect(isRunning(other!)).to.equal(true);
        process.kill(other!, 'SIGKILL');
      } finally {
        await rm(folder, { recursive: true });
      }
    });

  it('knows files, interfaces, name and kernel', async () => {
    expect(await host.readFile('/proc/version')).to.match(/^Linux/);
    expect(await host.readFile('/no/such/file')).to.equal(undefined);
    expect(host.interfaces().find(({ name }) => name === 'lo')?.addresses).to.include(
      '127.0.0.1/8',
    );
    expect(host.hostname()).to.not.equal('');
    expect(host.kernel()).to.match(/^\d+\./);
  });

  it('writes a file into new folders for the owner alone, and reports folders that cannot be made', async () => {
    const root = await mkdtemp(join(tmpdir(), 'vipc-host-'));
    try {
      const path = join(root, 'a', 'b', 'file');
      await host.replaceFile(path, 'first');
      await host.replaceFile(path, 'second');
      expect(await host.readFile(path)).to.equal('second');
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
      expect((await stat(join(root, 'a', 'b'))).mode & 0o777).to.equal(0o700);
      // As after a kill in a container, where each process is number 1 and counts from 0.
      await writeFile(`${path}.${process.pid}-0.tmp`, 'half');
      await new SystemHost().replaceFile(path, 'third');
      expect(await host.readFile(path)).to.equal('third');
      expect(await readdir(join(root, 'a', 'b'))).to.deep.equal(['file']);
    } finally {
      await rm(root, { recursive: true });
    }
    const refused = await host.replaceFile('/proc/nowhere/below/file', 'x').then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refused).to.match(/\/proc\/nowhere/);
  });
});
