/** Changes of a hosts file: all or nothing, with the attributes that the file had. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InputError, OutputError } from '../../src/errors.js';
import { changeHostsFile } from '../../src/host/hosts-file.js';

describe('host/hosts-file', () => {
  let folder: string;
  let path: string;
  const change = (to: string): Promise<unknown> =>
    changeHostsFile(path, () => to).catch((error: unknown) => error);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-hosts-'));
    path = join(folder, 'hosts');
    await writeFile(path, 'old\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('replaces the file and keeps its permissions, and writes nothing that is the same', async () => {
    await chmod(path, 0o640);
    const { ino } = await stat(path);
    expect(await change('old\n')).to.equal(false);
    expect((await stat(path)).ino).to.equal(ino);
    expect(await change('new\n')).to.equal(true);
    expect(await readFile(path, 'utf8')).to.equal('new\n');
    expect((await stat(path)).mode & 0o7777).to.equal(0o640);
    expect(await readdir(folder)).to.deep.equal(['hosts']);
  });

  it('follows a link', async () => {
    const link = join(folder, 'link');
    await symlink('hosts', link);
    await changeHostsFile(link, () => 'new\n');
    expect(await readFile(path, 'utf8')).to.equal('new\n');
    expect(await readdir(folder)).to.deep.equal(['hosts', 'link']);
  });

  it('keeps bytes that are no UTF-8', async () => {
    const bytes = Buffer.from([0x23, 0xff, 0xc3, 0x0a]);
    await writeFile(path, bytes);
    await changeHostsFile(path, (text) => `${text}x\n`);
    expect(await readFile(path)).to.deep.equal(Buffer.concat([bytes, Buffer.from('x\n')]));
  });

  it('makes the change anew where somebody else wrote meanwhile', async () => {
    const seen: string[] = [];
    await changeHostsFile(path, (text) => {
      seen.push(text);
      if (seen.length < 3) writeFileSync(path, `theirs ${seen.length}, and longer\n`);
      return `${text}ours\n`;
    });
    expect(seen).to.deep.equal(['old\n', 'theirs 1, and longer\n', 'theirs 2, and longer\n']);
    expect(await readFile(path, 'utf8')).to.equal('theirs 2, and longer\nours\n');
  });

  it('gives up where somebody else never stops writing', async () => {
    let length = 1;
    const failed = await changeHostsFile(path, () => {
      writeFileSync(path, 'x'.repeat(++length));
      return 'ours';
    }).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(OutputError);
    expect(await readdir(folder)).to.deep.equal(['hosts']);
  });

  it('refuses what is missing, a folder and a FIFO', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    for (const wrong of [join(folder, 'none'), folder, fifo]) {
      path = wrong;
      expect(await change('x'), wrong).to.be.instanceOf(InputError);
    }
  });

  it('refuses a folder that takes no file, and leaves the old one', async () => {
    path = '/proc/self/comm';
    expect(await change('x')).to.be.instanceOf(OutputError);
  });
});
