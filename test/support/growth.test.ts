/** Growth is computed from made-up costs. */

import { expect } from 'chai';
import { growth, LINEAR } from './growth.js';

/** The growth of a function of which a count costs this much. */
function growthOf(costOf: (count: number) => number): number {
  let counted = 0;
  const run = (count: number): void => {
    counted = count;
  };
  return growth(run, 100, (work) => {
    work();
    return costOf(counted);
  });
}

describe('growth', () => {
  it('accepts linear growth, also with a step or with half the runs disturbed', () => {
    expect(growthOf((count) => count)).to.equal(4);
    expect(growthOf((count) => (count > 300 ? 3 : 1) * count)).to.be.at.most(LINEAR);
    let runs = 0;
    expect(growthOf((count) => (++runs % 4 < 2 ? 1 : 3) * count)).to.be.at.most(LINEAR);
  });

  it('fails for quadratic and nearly quadratic growth', () => {
    expect(growthOf((count) => count ** 2)).to.equal(16);
    expect(growthOf((count) => count ** 1.6)).to.be.greaterThan(LINEAR);
    expect(growthOf((count) => 1000 + count ** 2)).to.be.greaterThan(LINEAR);
  });
});
