/** Bytes of files in the encodings that editors and shells write. */

import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { InputError } from '../../src/errors.js';
import { decodeDump, decodeText } from '../../src/input/text.js';

const TEXT = 'kind: Service\nname: käse\n';
const LE = Buffer.from(TEXT, 'utf16le');
const BE = Buffer.from(LE).swap16();

describe('input/text', () => {
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(TEXT)])],
    ['UTF-16LE with a mark, as PowerShell writes', Buffer.concat([Buffer.from([0xff, 0xfe]), LE])],
    ['UTF-16BE with a mark', Buffer.concat([Buffer.from([0xfe, 0xff]), BE])],
    ['UTF-16LE without a mark', LE],
    ['UTF-16BE without a mark', BE],
  ];
  for (const [name, bytes] of cases) {
    it(`reads ${name}`, () => expect(decodeText(bytes, 'f')).to.equal(TEXT));
  }

  for (const [name, bytes] of cases)
    it(`reads ${name} in a dump`, () => {
      expect(decodeDump(Buffer.from(bytes), 'f', () => 'utf8')).to.equal(TEXT);
    });

  it('keeps every byte of a dump in latin1, and ends lines at carriage returns alone', () => {
    const latin1 = (text: string): string =>
      decodeDump(Buffer.from(text, 'latin1'), 'f', () => 'latin1');
    expect(latin1('# k\xe4se\n')).to.equal('# k\xe4se\n');
    expect(latin1('*nat\rCOMMIT\r')).to.equal('*nat\nCOMMIT\n');
    expect(latin1('*nat\r\nCOMMIT\r\n')).to.equal('*nat\r\nCOMMIT\r\n');
    expect(latin1('')).to.equal('');
  });

  it('reads nothing in nothing', () => expect(decodeText(new Uint8Array(), 'f')).to.equal(''));

  it('names what unpacks a compressed file, of objects or of rules', () => {
    const packed = [gzipSync(TEXT), Buffer.from('BZh91AY'), Buffer.from('\xfd7zXZ\0\0', 'latin1')];
    const commands = ['gunzip', 'bunzip2', 'unxz'];
    for (const [index, bytes] of packed.entries())
      for (const read of [
        () => decodeText(bytes, 'f'),
        () => decodeDump(bytes, 'f', () => 'latin1'),
      ])
        expect(read)
          .to.throw(InputError, 'f is compressed with ')
          .with.property('hint', `unpack it first: ${commands[index]}`);
  });

  const utf32 = Buffer.alloc(4 * TEXT.length);
  for (const [index, character] of [...TEXT].entries())
    utf32.writeUInt32LE(character.charCodeAt(0), 4 * index);
  const swapped = Buffer.from(utf32).swap32();
  const marks = [Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from([0, 0, 0xfe, 0xff])] as const;
  for (const [name, bytes] of [
    ['UTF-32LE', utf32],
    ['UTF-32BE', swapped],
    ['UTF-32LE with a mark', Buffer.concat([marks[0], utf32])],
    ['UTF-32BE with a mark', Buffer.concat([marks[1], swapped])],
  ] as const) {
    it(`refuses ${name} and says how to save it`, () => {
      expect(() => decodeText(bytes, 'f.yaml'))
        .to.throw(InputError, /^f.yaml is UTF-32$/)
        .with.property('hint', 'save it as UTF-8');
    });
  }

  it('refuses what is no UTF-8 and names the line', () => {
    const latin1 = Buffer.from(TEXT, 'latin1');
    expect(() => decodeText(latin1, 'f.yaml')).to.throw(
      InputError,
      'f.yaml is not UTF-8 in line 2',
    );
    const cut = Buffer.concat([Buffer.from([0xff, 0xfe]), LE.subarray(0, 5)]);
    expect(() => decodeText(cut, 'f.yaml')).to.throw(InputError, 'f.yaml is not UTF-16');
  });
});
