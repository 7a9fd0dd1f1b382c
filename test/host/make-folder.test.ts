/**
 * Folders are made where they are missing, also by several at once, and never tried for forever.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolder } from '../../src/host/make-folder.js';

describe('host/make-folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vipc-folders-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const codeOf = (path: string): Promise<unknown> =>
    makeFolder(path).then(
      () => 'made',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('makes a folder and those above it, with the mode', async () => {
    await makeFolder(join(root, 'a/b'), 0o700);
    for (const name of ['a', 'a/b']) {
      const info = statSync(join(root, name));
      expect([info.isDirectory(), info.mode & 0o777]).to.deep.equal([true, 0o700]);
    }
    expect(await codeOf(join(root, 'a/b'))).to.equal('made');
  });

  it('made by several at once, it is made for each', async () => {
    const path = join(root, 'a/b/c/d');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => codeOf(path)));
    expect(new Set(outcomes)).to.deep.equal(new Set(['made']));
  });

  it('rejects where a file is in the way, and where the kernel makes no folders', async () => {
    writeFileSync(join(root, 'file'), '');
    expect(await codeOf(join(root, 'file'))).to.equal('EEXIST');
    expect(await codeOf(join(root, 'file/below'))).to.equal('ENOTDIR');
    expect(await codeOf('/proc/nowhere/below')).to.equal('ENOENT');
  });
});
