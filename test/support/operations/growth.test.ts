/** What is counted shows growth that is not linear, and nothing else. */

import { expect } from 'chai';
import { type Coverage, excessOf } from './blocks.js';

/** What a function of one script did: a block in it ran this often. */
function ran(calls: number, block?: number): Coverage {
  const range = (startOffset: number, endOffset: number, count: number) => ({
    ...{ startOffset, endOffset, count },
  });
  const ranges = [range(10, 90, calls), ...(block === undefined ? [] : [range(20, 40, block)])];
  return [
    {
      ...{ scriptId: '1', url: 'file:///x/src/a.ts' },
      functions: [{ functionName: 'f', isBlockCoverage: true, ranges }],
    },
  ];
}

describe('support/operations', () => {
  it('names the function whose block ran too often', () => {
    expect(excessOf(ran(1, 100), ran(1, 1600), 9, 10)).to.deep.equal([
      { place: 'src/a.ts: f', before: 100, after: 1600 },
    ]);
    // Where a block ran as often as its function, V8 reports the function alone.
    expect(excessOf(ran(100), ran(400, 1600), 9, 10)).to.deep.equal([
      { place: 'src/a.ts: f', before: 100, after: 1600 },
    ]);
  });

  it('accepts what grows with the input, and what is rare', () => {
    expect(excessOf(ran(100, 1000), ran(400, 5000), 9, 10)).to.deep.equal([]);
    expect(excessOf(ran(1, 0), ran(1, 80), 9, 10)).to.deep.equal([]);
    expect(excessOf([], ran(80, 80), 9, 10)).to.deep.equal([]);
  });
});
