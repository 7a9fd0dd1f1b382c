/** A file that is open is read in pieces, and is the one that was opened. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { InputError } from '../../src/errors.js';
import { openDumpText, sourceFile } from '../../src/host/input-files.js';
import { LatinFile, OpenFile } from '../../src/host/open-file.js';
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

  it('is text where each byte is a character, and finds what stands between two parts', async () => {
    const marks = [0, 200_000, (1 << 18) - 3, 1 << 18, 700_000];
    const dump = marks.reduce(
      (one, at) => `${one.slice(0, at)}\n*filt\xe9r\n${one.slice(at)}`,
      text,
    );
    const other = join(path, '..', 'rules');
    writeFileSync(other, dump, 'latin1');
    const found = await openDumpText(other, () => 'latin1');
    expect(found).to.be.instanceOf(LatinFile);
    expect(found.slice(0, found.length) === dump).to.equal(true);
    const places = (one: string | LatinFile): readonly number[] => {
      const there: number[] = [];
      for (let at = one.indexOf('\n*', 0); at >= 0; at = one.indexOf('\n*', at + 1)) there.push(at);
      return there;
    };
    expect(places(found)).to.deep.equal(places(dump));
    expect(places(dump)).to.have.length(marks.length);
    // nft prints UTF-8, and its listing has no lines.
    expect(await openDumpText(other, () => 'utf8')).to.be.a('string');
    writeFileSync(other, dump.replaceAll('\n', '\r'), 'latin1');
    expect(await openDumpText(other, () => 'latin1')).to.equal(dump);
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
