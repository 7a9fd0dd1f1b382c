/** Work that is not linear is found, with the exact number of calls. */

import { expect } from 'chai';
import { countingProcess } from './growth.js';

describe('support/operations: the process that counts', () => {
  const grown = countingProcess(new URL('./pairs.cases.ts', import.meta.url));

  it('finds calls that are quadratic', async () => {
    const found = ['src/netfilter/intervals.ts: : 3600 -> 57600'];
    expect(await grown('pairs')).to.deep.equal({ found });
  });

  it('finds what functions of V8 go through', async () => {
    const found = ['String.split: 10000 -> 160000'];
    expect(await grown('a long text for each item')).to.deep.equal({ found });
  });
});
