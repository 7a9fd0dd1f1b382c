import { expect } from 'chai';
import { parseDuration } from '../../src/config/duration.js';

describe('config/duration', () => {
  it('reads what Go reads', () => {
    const known: readonly (readonly [string, number])[] = [
      ['0', 0],
      ['0s', 0],
      ['30s', 30_000],
      ['1h30m', 5_400_000],
      ['1.5s', 1500],
      ['.5m', 30_000],
      ['-2ms', -2],
      ['+1s', 1000],
      ['15m0s', 900_000],
    ];
    for (const [text, ms] of known) expect(parseDuration(text), text).to.equal(ms);
    for (const text of ['', '-', '5', '5 minutes', '1d', 's', '1s ', '1.2.3s', '--1s', '1S']) {
      expect(parseDuration(text), text).to.equal(undefined);
    }
  });
});
