/** Files are decoded when somebody asks for their text. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InputError } from '../../src/errors.js';
import { sourceFile } from '../../src/host/input-files.js';

describe('host/input-files', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-files-'));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives the bytes of a file, and its text in their place', async () => {
    const path = join(folder, 'a.yaml');
    for (const text of ['a: b\n', 'a: \u00fc\n', '']) {
      writeFileSync(path, text);
      const source = await sourceFile(path);
      expect(source.bytes?.piece(0, 1000).toString()).to.equal(text);
      expect([source.text, source.text, source.bytes]).to.deep.equal([text, text, undefined]);
    }
  });

  it('refuses what is no UTF-8 when it is decoded', async () => {
    const path = join(folder, 'b.yaml');
    writeFileSync(path, Buffer.from('a: b\nc: \xfc\n', 'latin1'));
    const source = await sourceFile(path);
    expect(() => source.text).to.throw(InputError, 'is not UTF-8 in line 2');
  });
});
