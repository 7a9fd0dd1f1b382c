/** Pipes and the like among input files, which take a program to make. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InputError } from '../../src/errors.js';
import { filesOf } from '../../src/host/input-files.js';
import { checkRepeatable } from '../../src/host/special-files.js';

describe('host/input-files: pipes, sockets and devices', () => {
  let folder: string;
  let [file, pipe, link, socket, device, broken, below] = ['', '', '', '', '', '', ''];
  const server = createServer();

  before((done) => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-pipes-'));
    const names = ['a.yaml', 'b.yaml', 'c.yaml', 'd.json', 'e.yml', 'f.yaml', 'sub'];
    [file = '', pipe = '', link = '', socket = '', device = '', broken = '', below = ''] =
      names.map((name) => join(folder, name));
    writeFileSync(file, '');
    execFileSync('mkfifo', [pipe, join(folder, 'no-manifest')]);
    symlinkSync(pipe, link);
    symlinkSync('/dev/zero', device);
    symlinkSync('nowhere', broken);
    mkdirSync(below);
    symlinkSync(pipe, join(below, 'a.yaml'));
    server.listen(socket, done);
  });

  after((done) => {
    rmSync(folder, { recursive: true });
    server.close(() => done());
  });

  it('are read where they are named, and not in a folder', async () => {
    const { files, special } = await filesOf(folder, true);
    expect(files).to.deep.equal([file, broken]);
    expect(special).to.deep.equal([
      { path: pipe, kind: 'a pipe' },
      { path: link, kind: 'a pipe' },
      { path: socket, kind: 'a socket' },
      { path: device, kind: 'a device' },
      { path: join(below, 'a.yaml'), kind: 'a pipe' },
    ]);
    expect((await filesOf(pipe, false)).files).to.deep.equal([pipe]);
  });

  it('are named where a folder has nothing else', async () => {
    const error = await filesOf(below, false).catch((found: unknown) => found);
    expect(String(error)).to.equal(
      `InputError: the path "${join(below, 'a.yaml')}" is a pipe and is not read`,
    );
  });

  it('are nothing that an agent can read again and again', async () => {
    for (const path of [pipe, link, socket, device])
      expect(await checkRepeatable(path).catch((error: unknown) => error)).to.be.instanceOf(
        InputError,
      );
    for (const path of [file, folder, broken]) await checkRepeatable(path);
    unlinkSync(broken);
  });
});
