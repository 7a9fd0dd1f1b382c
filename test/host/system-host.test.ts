import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SystemHost } from '../../src/host/system-host.js';

const host = new SystemHost();
const node = process.execPath;

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
    expect(await host.run({ command: '/etc/passwd', args: [] })).to.have.property(
      'kind',
      'missing',
    );
  });

  it('kills after the timeout, on abort, and tells both from a signal of somebody else', async () => {
    const sleep = { command: 'sleep', args: ['30'] };
    const [late, aborted, killed] = await Promise.all([
      host.run({ ...sleep, timeout: 50 }),
      host.run({ ...sleep, signal: AbortSignal.timeout(50) }),
      host.run({ command: 'sh', args: ['-c', 'kill -KILL $$'] }),
    ]);
    expect(late).to.include({ kind: 'killed', by: 'timeout' });
    expect(aborted).to.include({ kind: 'killed', by: 'abort' });
    expect(killed).to.include({ kind: 'killed', by: 'signal', signal: 'SIGKILL' });
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

  it('puts a file into folders that it makes, for the owner alone; where none can be made it says so', async () => {
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
