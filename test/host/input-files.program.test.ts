/** Pipes among input files, which take a program to make. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { filesOf } from '../../src/host/input-files.js';

describe('host/input-files: pipes', () => {
  it('are read where they are named, and not in a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vipc-pipes-'));
    const [file, pipe, link] = ['a.yaml', 'b.yaml', 'c.yaml'].map((name) => join(folder, name));
    writeFileSync(file!, '');
    execFileSync('mkfifo', [pipe!]);
    symlinkSync(pipe!, link!);
    const [inFolder, named] = [await filesOf(folder, false), await filesOf(pipe!, false)];
    rmSync(folder, { recursive: true });
    expect(inFolder.files).to.deep.equal([file]);
    expect(named.files).to.deep.equal([pipe]);
  });
});
