/** The items of a List are found in JSON of any layout, and in nothing that is no JSON. */

import { expect } from 'chai';
import fc from 'fast-check';
import { NOT_JSON, valueEnd } from '../../src/input/json-bytes.js';
import { storedIn } from '../../src/input/stored-source.js';
import { jsonListIn } from '../../src/snapshot/json-items.js';
import { property } from '../support/arbitrary/property.js';

/** Whether JSON.parse reads a text. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the scanner takes all of a text as one value. */
function isOneValue(text: string): boolean {
  const bytes = Buffer.from(text);
  return valueEnd(bytes, 0) === bytes.length;
}

/** The items of a text as they stand there, with kinds and names. */
function itemsIn(text: string): readonly (readonly [string, string, string, string])[] | undefined {
  const bytes = Buffer.from(text);
  return jsonListIn(storedIn(bytes))?.items.map(
    ({ start, end, kind, namespace, name }) =>
      [bytes.toString('utf8', start, end), kind, namespace, name] as const,
  );
}

const TRICKY = [
  '"',
  '\\',
  '\\"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\u0001',
  'é',
  '\u{1f600}',
  '-',
  '0',
  '1e5',
];
const words = fc
  .array(fc.constantFrom(...TRICKY, 'a', 'items', 'kind', 'true', ' '))
  .map((parts) => parts.join(''));
const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });

describe('snapshot/json-items', () => {
  it('takes what JSON.parse takes as one value, and nothing else', () => {
    property(
      fc.property(
        value,
        fc.constantFrom(0, 1, 4),
        words,
        fc.nat(),
        fc.nat(3),
        (one, indent, word, at, cut) => {
          const text = JSON.stringify(one, null, indent);
          expect(isOneValue(text), text).to.equal(true);
          const place = at % (text.length + 1);
          const broken = `${text.slice(0, place)}${word}${text.slice(place + cut)}`.trim();
          const isWell = !/[\ud800-\udfff]/u.test(broken);
          if (isWell) expect(isOneValue(broken), broken).to.equal(isJson(broken));
        },
      ),
    );
  });

  it('knows numbers, words and escapes', () => {
    const rights = [
      '0',
      '-0',
      '10',
      '1.5e-3',
      '1E+5',
      'true',
      'null',
      '"\\u00e9\\n"',
      '[]',
      '{}',
      '[[],{}]',
    ];
    for (const text of rights) expect(isOneValue(text), text).to.equal(true);
    const wrongs = [
      '01',
      '-',
      '1.',
      '.5',
      '1e',
      'True',
      'nul',
      'nulls',
      '"\\x"',
      '"\\u12g4"',
      '"a',
      '"\t"',
      '',
    ];
    for (const text of [
      ...wrongs,
      '[1,]',
      '{"a":1,}',
      '{"a"}',
      '{a:1}',
      '[1 2]',
      '[}',
      '{]',
      '[',
      '{',
    ])
      expect(isOneValue(text), text).to.equal(false);
  });

  it('refuses brackets without an end in linear time', () => {
    for (const open of ['[', '{"a":']) {
      const bytes = Buffer.from(open.repeat(1_000_000));
      expect(valueEnd(bytes, 0)).to.equal(NOT_JSON);
    }
  });

  it('finds the items of a List in any layout, wherever a window ends', () => {
    const item = fc.record(
      {
        spec: value,
        kind: fc.constantFrom('Service', 'Pod'),
        metadata: fc.record(
          { name: fc.constantFrom('a', 'b-1'), namespace: fc.constantFrom('n', '', 'é') },
          { requiredKeys: [] },
        ),
        pad: fc.constantFrom('', ' '.repeat(150_000), '"{['.repeat(60_000)),
      },
      { requiredKeys: [] },
    );
    property(
      fc.property(
        fc.array(item),
        fc.constantFrom(0, 1, 4),
        fc.boolean(),
        (items, indent, kindFirst) => {
          const ends = { kind: 'List', metadata: { resourceVersion: '' } };
          const list = kindFirst ? { ...ends, items } : { items, ...ends };
          const found = itemsIn(`${JSON.stringify(list, null, indent)}\n`);
          expect(found?.map(([text]) => JSON.parse(text))).to.deep.equal(
            JSON.parse(JSON.stringify(items)),
          );
          expect(found?.map(([, kind]) => kind)).to.deep.equal(items.map(({ kind = '' }) => kind));
          for (const [i, [, , namespace, name]] of (found ?? []).entries()) {
            const { name: own = '', namespace: space } = items[i]?.metadata ?? {};
            const isKnown = own !== '' && space !== '' && space !== 'é';
            expect(name).to.equal(isKnown ? own : '');
            if (isKnown) expect(namespace).to.equal(space ?? 'default');
          }
        },
      ),
    );
  });

  it('knows the kind of the items of a typed list', () => {
    const text =
      '{"kind":"ServiceList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"a"}}]}';
    expect(itemsIn(text)).to.deep.equal([['{"metadata":{"name":"a"}}', 'Service', 'default', 'a']]);
  });

  it('finds none where another reading is possible, or none at all', () => {
    const list = (items: string): string => `{"kind":"List","items":[${items}]}`;
    expect(itemsIn(list(''))).to.deep.equal([]);
    for (const text of [
      list('{"kind":"Service","kind":"Pod"}'),
      list('{"metadata":{"name":"a","name":"b"}}'),
      list('{"k\\u0069nd":"Service"}'),
      list('{"kind":"Serv\\u0069ce"}'),
      list('{},'),
      `${list('{}')}{}`,
      `${list('{}')}\n${list('{}')}`,
      '{"kind":"List","items":[{}],"items":[]}',
      '{"kind":"List","items":{}}',
      '{"kind":"Service","items":[{}]}',
      '{"items":[{}]}',
      '{"kind":"List"}',
      '{"kind":"List","items":[{}',
      '[]',
      '',
    ])
      expect(itemsIn(text), text).to.equal(undefined);
  });
});
