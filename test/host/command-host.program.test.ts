/** What a command reads of a machine once. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandHost } from '../../src/host/command-host.js';
import { SystemHost } from '../../src/host/system-host.js';

describe('the machine for one command', () => {
  let folder: string;
  let program: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-command-host-'));
    program = join(folder, 'tool');
    await writeFile(program, `#!/bin/sh\necho "$*" >> ${folder}/asked\necho "tool v1"\n`, {
      mode: 0o755,
    });
  });
  beforeEach(() => writeFile(join(folder, 'asked'), ''));
  after(() => rm(folder, { recursive: true }));

  const asked = async (): Promise<readonly string[]> =>
    (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n');

  it('asks a program for its version once, and for all else as often as it is called', async () => {
    const host = new CommandHost();
    const versions = [1, 2].map(() => host.run({ command: program, args: ['--version'] }));
    for (const result of await Promise.all(versions))
      expect(result).to.include({ kind: 'exited', code: 0, stdout: 'tool v1\n' });
    for (let i = 0; i < 2; i++) await host.run({ command: program, args: ['list'] });
    expect((await asked()).toSorted()).to.deep.equal(['--version', 'list', 'list']);
  });

  it('is asked every time by an agent', async () => {
    const host = new SystemHost();
    for (let i = 0; i < 2; i++) await host.run({ command: program, args: ['--version'] });
    expect(await asked()).to.deep.equal(['--version', '--version']);
  });
});
