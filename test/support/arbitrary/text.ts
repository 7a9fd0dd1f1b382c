/** Texts of any characters. */

import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Any character but half a surrogate pair, as fast-check's unit `binary` has them, which makes a
 * table of all of them first: that takes a second.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map(
    (n) => String.fromCodePoint(n < SURROGATES.first ? n : n + SURROGATES.count),
    (text) => {
      const point = typeof text === 'string' ? text.codePointAt(0) : undefined;
      if (point === undefined || text !== String.fromCodePoint(point))
        throw new Error('not one character');
      return point < SURROGATES.first ? point : point - SURROGATES.count;
    },
  );

/** A text of any characters. */
export function anyText(constraints: fc.StringSharedConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}
