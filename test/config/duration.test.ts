import { expect } from 'chai';
import { formatDuration, parseDuration } from '../../src/config/duration.js';

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
  it('writes what Go writes', () => {
    const known: readonly (readonly [number, string])[] = [
      [0, '0s'],
      [86_400_000, '24h0m0s'],
      [90_000, '1m30s'],
      [30_000, '30s'],
      [1500, '1.5s'],
      [500, '500ms'],
      [1.5, '1.5ms'],
      [0.25, '250µs'],
      [3_600_500, '1h0m0.5s'],
      [-1000, '-1s'],
    ];
    for (const [ms, text] of known) {
      expect(formatDuration(ms)).to.equal(text);
      expect(parseDuration(text), text).to.equal(ms);
    }
  });
});
