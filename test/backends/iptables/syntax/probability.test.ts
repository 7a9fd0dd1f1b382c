import { expect } from 'chai';
import {
  oneIn,
  parseProbability,
  probabilityText,
} from '../../../../src/backends/iptables/syntax/values.js';

describe('probabilities', () => {
  it('are printed as the kernel keeps them', () => {
    expect(oneIn(2)).to.equal('0.50000000000');
    expect(oneIn(3)).to.equal('0.33333333349');
    expect(oneIn(10)).to.equal('0.10000000009');
  });

  it('round an exact tie to the even digit, as iptables-save does', () => {
    expect(oneIn(4096)).to.equal('0.00024414062');
    expect(probabilityText(3 * 2 ** 19)).to.equal('0.00073242188');
  });

  it('come back unchanged from being read, for any number of endpoints', () => {
    for (let n = 1; n <= 20000; n++) {
      const text = oneIn(n);
      expect(probabilityText(parseProbability(text)!)).to.equal(text);
    }
  });

  it('are none outside 0 to 1', () => {
    expect(parseProbability('1')).to.equal(2 ** 31);
    for (const text of ['1.1', '-0.5', 'x', '', '1e-3'])
      expect(parseProbability(text)).to.equal(undefined);
  });
});
