/** Any JSON is one value to the scanner, and any List has the items that it was made of. */

import { expect } from 'chai';
import fc from 'fast-check';
import { property } from '../support/arbitrary/property.js';
import { anyCharacter } from '../support/arbitrary/text.js';
import { isOneValue, itemsIn } from './json-scan.js';

/** Whether JSON.parse reads a text. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
const value = fc.jsonValue({ maxDepth: 4, stringUnit: anyCharacter });

describe('snapshot/json-items, of any text', () => {
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
});
