/** Objects that are parsed one by one are those of the listing as a whole: recorded, and broken. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { dumpLines, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';
import { property } from '../../../support/arbitrary/property.js';

/** What a text says, or why it cannot be read. */
function outcome(text: string): unknown {
  try {
    const { unreadable, version, unknownKeys, unreadKeys, ...dump } = parseDump(text);
    return {
      lines: dumpLines({ ...dump, unreadable }),
      unreadable,
      version,
      unknownKeys,
      unreadKeys,
    };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return error.message.replace(/broken or cut off: .*/s, 'broken');
  }
}

/** The same, where the text is parsed as a whole: it is not the only listing. */
function wholeOutcome(text: string): unknown {
  return outcome(`${text}\n{"nftables": []}\n`);
}

const LISTINGS = ['fixtures/companions', 'fixtures/dumps'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .filter((text) => text.length < 50_000 && text.trimStart().startsWith('{"nftables"')),
);

describe('listings of nft', () => {
  it('say the same object by object', () => {
    expect(LISTINGS).to.have.length.above(10);
    for (const text of LISTINGS) {
      expect(outcome(text)).to.deep.equal(wholeOutcome(text));
      // As jq prints it.
      const indented = JSON.stringify(JSON.parse(text), null, 2);
      expect(outcome(indented)).to.deep.equal(outcome(text));
    }
  });

  it('say the same with strings of any kind, and broken anywhere', () => {
    const name = fc.string({ unit: fc.constantFrom('"', '\\', '{', ']', ',', 'a', 'é', '\n') });
    const object = name.map((comment) => ({
      rule: { family: 'ip', table: 't', chain: 'c', handle: 1, comment, expr: [{ drop: null }] },
    }));
    const place = { family: 'ip', table: 't', name: 'c' };
    const piece = fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '{}', ',{}');
    property(
      fc.property(fc.array(object), fc.nat(), fc.nat(2), piece, (rules, at, cut, added) => {
        const nftables = [...rules, { chain: place }, { table: { family: 'ip', name: 't' } }];
        const text = JSON.stringify({ nftables });
        expect(outcome(text)).to.deep.equal(wholeOutcome(text));
        const start = at % text.length;
        const broken = `${text.slice(0, start)}${added}${text.slice(start + cut)}`;
        expect(outcome(broken), broken).to.deep.equal(wholeOutcome(broken));
      }),
    );
  });

  it('are refused in linear time where brackets and quotes have no end', () => {
    const head = '{"nftables": [';
    for (const part of ['{"a":', '[', '{}', '{},', '"', '\\"', '{"\\\\\\"', '{"a":"b"},{"a'])
      expect(() => parseDump(`${head}${part.repeat(100_000)}`)).to.throw(ParseError);
  });
});
