/** A file that is open is read in pieces, and is the one that was opened. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { sourceFile } from '../../src/host/input-files.js';
import { OpenFile } from '../../src/host/open-file.js';
import { property } from '../support/arbitrary/property.js';

describe('host/open-file', () => {
  let path: string;
  const text = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('');

  before(() => {
    path = join(mkdtempSync(join(tmpdir(), 'vipc-open-')), 'a.yaml');
    writeFileSync(path, text);
  });

  after(() => {
    rmSync(join(path, '..'), { recursive: true });
  });

  it('gives any piece, and then the whole', () => {
    const file = new OpenFile(path);
    expect(file.length).to.equal(text.length);
    const offset = fc.nat(text.length + 10);
    property(
      fc.property(offset, fc.oneof(fc.nat(100), fc.nat(400_000)), (start, length) => {
        const piece = file.piece(Math.min(start, text.length), start + length).toString();
        expect(piece === text.slice(start, start + length)).to.equal(true);
      }),
    );
    expect(file.whole().toString() === text).to.equal(true);
  });

  it('refuses a file that changed', async () => {
    const source = await sourceFile(path);
    expect(source.bytes?.piece(0, 4).toString()).to.equal('line');
    writeFileSync(path, `${text}more\n`);
    const message = `the path "${path}" changed while it was read`;
    expect(() => source.bytes?.piece(text.length - 4, text.length)).to.throw(InputError, message);
    expect(() => source.text).to.throw(InputError, message);
    writeFileSync(path, text);
  });
});
