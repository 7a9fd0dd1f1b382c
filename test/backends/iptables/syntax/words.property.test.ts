/** Words of a rule line that may hold anything. */

import { expect } from 'chai';
import fc from 'fast-check';
import {
  hasOpenQuote,
  quoteWord,
  splitWords,
  unquote,
} from '../../../../src/backends/iptables/syntax/words.js';
import { anyText } from '../../../support/arbitrary/text.js';

describe('words of a rule line', () => {
  it('come back from quoting unchanged, whatever they hold', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        const words = splitWords(`-m comment --comment ${quoteWord(text)} -j X`);
        expect(words).to.have.length(6);
        expect(unquote(words[3]!)).to.equal(text);
        expect(hasOpenQuote(quoteWord(text))).to.equal(false);
      }),
    );
  });
});
