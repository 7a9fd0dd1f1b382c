/** A table of names says what a map says, of any names. */

import { expect } from 'chai';
import fc from 'fast-check';
import { NameTable } from '../../../../src/backends/iptables/syntax/name-table.js';
import { property } from '../../../support/arbitrary/property.js';
import { anyText } from '../../../support/arbitrary/text.js';

/** Checks a table to which these names were added, with others around each. */
function check(names: readonly string[]): void {
  const table = new NameTable();
  const known = new Map<string, number>();
  for (const name of names) {
    const expected = known.get(name) ?? known.size;
    const [start, end] = [1, 1 + name.length];
    const text = `:${name} -`;
    const found = known.has(name) ? expected : -1;
    expect(table.numberOf(name)).to.equal(found);
    if (name !== '') expect(table.find(text, start, end)).to.equal(found);
    if (/[ \u0100-\uffff]/.test(name) || expected % 3 === 0)
      expect(table.add(name)).to.equal(expected);
    else {
      const again: number[] = [];
      table.addAll({ text, start: 0, end: text.length, before: 1, behind: 2 }, (one) =>
        again.push(one),
      );
      expect(again).to.deep.equal(known.has(name) ? [expected] : []);
    }
    known.set(name, expected);
  }
  expect(table.size).to.equal(known.size);
  for (const [name, number] of known) {
    expect(table.numberOf(name)).to.equal(number);
    if (name !== '') expect(table.find(name, 0, name.length)).to.equal(number);
    expect(table.nameOf(number)).to.equal(name);
  }
}

/** As in the table. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash ^ (hash >>> 15);
}

describe('a table of names', () => {
  it('gives each name its number, and the name of each number', () => {
    property(fc.property(fc.array(anyText({ maxLength: 3 })), check));
    check(Array.from({ length: 3000 }, (_, i) => `KUBE-SEP-${(i * 7919) % 2000}`));
  });

  it('takes names that are made to collide in linear time', () => {
    const colliding = Array.from({ length: 300_000 }, (_, i) => `N${i}`).filter(
      (name) => (hashOf(name) & 0xfff) === 0,
    );
    expect(colliding).to.have.length.above(50);
    check([...colliding, 'other', '\u{1f600}']);
  });
});
