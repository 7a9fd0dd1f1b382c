/** Objects that are parsed one by one are those of the listing as a whole: recorded, and broken. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { dumpLines, parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import { ParseError } from '../../../../src/errors.js';
import { property } from '../../../support/arbitrary/property.js';

/** What a text says, or why it cannot be read. */
function outcome(text: string, late = false): unknown {
  try {
    const { unreadable, version, unknownKeys, unreadKeys, ...dump } = parseDump(text, { late });
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
      for (const one of [text, indented]) expect(outcome(one, true)).to.deep.equal(outcome(text));
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
        expect(outcome(broken, true), broken).to.deep.equal(outcome(broken));
      }),
    );
  });

  it('say the same where rules and elements are read later, and what is not known in them', () => {
    const address = fc.constantFrom('10.0.0.1', '010.0.0.01', '10.0.0.0/8', '', 'é', 'a"', 1, -1.5);
    const later = fc.constantFrom<object>({}, {}, {}, {}, { later: 1 }, { later: null });
    const statement = fc
      .tuple(later, fc.array(address, { maxLength: 4 }), later)
      .map(([inside, set, beside]) => ({
        match: {
          ...{ op: '==', right: { set }, ...beside },
          left: { payload: { protocol: 'ip', field: 'saddr', ...inside } },
        },
      }));
    const last = fc.constantFrom<object>(
      ...[{ drop: null }, { drop: null }, { goto: { target: 'c' } }, { xt: null }],
      ...[{ counter: { packets: 1, bytes: 2 } }, { later: [true, false, { a: null }] }],
    );
    const rule = fc
      .tuple(fc.array(statement, { maxLength: 2 }), last, later, fc.constantFrom('c', 'd', '', 1))
      .map(([statements, end, beside, chain]) => ({
        rule: { family: 'ip', table: 't', chain, handle: 4, ...beside, expr: [...statements, end] },
      }));
    const place = { family: 'ip', table: 't' };
    const element = fc.oneof(
      address,
      address.map((val) => ({ elem: { val, comment: 'c' } })),
      later.map((beside) => ({ elem: { val: '10.0.0.9', ...beside } })),
      fc.constant({ elem: { val: '10.0.0.8', expires: 5, later: 1 } }),
      fc
        .tuple(address, fc.constantFrom<unknown>('c', 'd-010.0.0.1', 'a b', 1), later)
        .map(([one, target, more]) => [
          { concat: [one, 'tcp', 80] },
          { goto: { target, ...more } },
        ]),
    );
    property(
      fc.property(
        fc.array(rule),
        fc.array(element),
        later,
        fc.boolean(),
        (rules, elem, more, is) => {
          const nftables = [
            { table: { family: 'ip', name: 't' } },
            { chain: { ...place, name: 'c', handle: 1 } },
            { chain: { ...place, name: 'd', handle: 2, ...more } },
            { [is ? 'map' : 'set']: { ...place, name: 's', handle: 3, type: 'ipv4_addr', elem } },
            ...rules,
          ];
          const text = JSON.stringify({ nftables });
          expect(outcome(text, true)).to.deep.equal(outcome(text));
        },
      ),
    );
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
