/** Which values are written, and when. */

import { expect } from 'chai';
import { LatestWriter } from '../../../src/agent/observers/latest-writer.js';
import { FakeClock } from '../../support/fake-clock.js';
import { until } from '../../support/until.js';

describe('agent/observers/latest-writer', () => {
  let clock: FakeClock;
  let written: string[];
  let isBroken: boolean;
  const open = (): LatestWriter<string> =>
    new LatestWriter({
      every: 60_000,
      clock,
      write: async (value) => {
        written.push(isBroken ? `${value} failed` : value);
        return !isBroken;
      },
    });

  beforeEach(() => {
    clock = new FakeClock();
    written = [];
    isBroken = false;
  });

  it('writes the first value at once, then the last one of each period', async () => {
    const writer = open();
    writer.set('a');
    clock.pass(0);
    expect(written).to.deep.equal(['a']);
    await Promise.resolve();
    for (const value of ['b', 'c', 'd']) {
      writer.set(value);
      clock.pass(19);
    }
    expect(written).to.deep.equal(['a']);
    await until(() => {
      clock.pass(3);
      return written.length > 1;
    });
    expect(written).to.deep.equal(['a', 'd']);
    clock.pass(600);
    expect(written).to.deep.equal(['a', 'd']);
  });

  it('tries a value again in the next period, unless another one was set', async () => {
    const writer = open();
    isBroken = true;
    writer.set('a');
    await until(() => {
      clock.pass(30);
      return written.length > 1;
    });
    expect(written).to.deep.equal(['a failed', 'a failed']);
    writer.set('b');
    isBroken = false;
    await until(() => {
      clock.pass(30);
      return written.length > 2;
    });
    expect(written.at(-1)).to.equal('b');
  });

  it('writes what is left when it is closed, and later values only with another close', async () => {
    const writer = open();
    writer.set('a');
    clock.pass(0);
    writer.set('b');
    await writer.close();
    expect(written).to.deep.equal(['a', 'b']);
    writer.set('c');
    clock.pass(600);
    expect(written).to.deep.equal(['a', 'b']);
    await writer.close();
    await writer.close();
    expect(written).to.deep.equal(['a', 'b', 'c']);
  });
});
