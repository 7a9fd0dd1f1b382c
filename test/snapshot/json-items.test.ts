/** The items of a List are found in JSON of any layout, and in nothing that is no JSON. */

import { expect } from 'chai';
import { NOT_JSON, valueEnd } from '../../src/input/json-bytes.js';
import { isOneValue, itemsIn } from './json-scan.js';

describe('snapshot/json-items', () => {
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
