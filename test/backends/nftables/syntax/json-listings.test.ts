/** Objects that are parsed one by one are those of the listing as a whole: recorded, and broken. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';
import { outcome, wholeOutcome } from './listing-outcome.js';

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
      const found = outcome(text);
      expect(found).to.deep.equal(wholeOutcome(text));
      // As jq prints it.
      const indented = JSON.stringify(JSON.parse(text), null, 2);
      expect(outcome(indented)).to.deep.equal(found);
      for (const one of [text, indented]) expect(outcome(one, true)).to.deep.equal(found);
    }
  });

  it('are refused in linear time where brackets and quotes have no end', () => {
    const head = '{"nftables": [';
    for (const part of ['{"a":', '[', '{}', '{},', '"', '\\"', '{"\\\\\\"', '{"a":"b"},{"a'])
      expect(() => parseDump(`${head}${part.repeat(100_000)}`)).to.throw(ParseError);
  });

  it('are read later in linear time, however a rule differs from one before it', () => {
    const listing = (...rules: readonly string[]): string =>
      `${[
        '{"nftables": [{"table": {"family": "ip", "name": "t"}}',
        '{"chain": {"family": "ip", "table": "t", "name": "c", "handle": 1}}',
        ...rules.map(
          (expr) => `{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [${expr}]}}`,
        ),
      ].join()}]}`;
    const set = (items: readonly string[]): string => `{"later": {"set": [${items.join()}]}}`;
    const blanks = ' '.repeat(400_000);
    const runs = Array.from({ length: 12 }, () => ['[1]', '[1]', '[1,1]', '[1,1]']).flat();
    for (const [first, second] of [
      ['', `${blanks}{"drop": null}`],
      ['{"counter": {}}', `{"counter": {${blanks}"later": 1}}`],
      [set(runs), set([...Array<string>(100).fill('[1]'), '"x"'])],
    ] as const) {
      const text = listing(first, second);
      expect(outcome(text, true)).to.deep.equal(outcome(text));
    }
  });
});
