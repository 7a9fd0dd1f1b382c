/** Backoff between attempts. */

import { expect } from 'chai';
import { Backoff, HEALTHY } from '../../src/cluster/backoff.js';

const waits = (backoff: Backoff, count: number): readonly number[] =>
  Array.from({ length: count }, () => backoff.next(0));

describe('cluster/backoff', () => {
  it('doubles from 0.8 s and ends at 30 s', () => {
    const backoff = new Backoff({ random: () => 0 });
    expect(waits(backoff, 8)).to.deep.equal([
      800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000,
    ]);
  });

  it('adds jitter of up to half', () => {
    const backoff = new Backoff({ random: () => 0.999 });
    const [first = 0, second = 0] = waits(backoff, 2);
    expect(first).to.be.within(1_199, 1_200);
    expect(second).to.be.within(2_398, 2_400);
  });

  it('is reset after a healthy time, not before', () => {
    const backoff = new Backoff({ random: () => 0 });
    waits(backoff, 4);
    expect(backoff.next(HEALTHY - 1)).to.equal(12_800);
    expect(backoff.next(HEALTHY)).to.equal(800);
    expect(backoff.next(0)).to.equal(1_600);
  });

  it('waits at least as long as the server asks, up to a minute', () => {
    const backoff = new Backoff({ random: () => 0 });
    expect(backoff.next(0, 5_000)).to.equal(5_000);
    expect(backoff.next(0, 1_000)).to.equal(1_600);
    expect(backoff.next(0, 86_400_000)).to.equal(60_000);
  });

  it('stays a number, however often it fails', () => {
    const backoff = new Backoff({ random: () => 0 });
    expect(new Set(waits(backoff, 5_000).slice(6))).to.deep.equal(new Set([30_000]));
  });
});
