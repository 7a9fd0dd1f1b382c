/** The two implementations of SHA-256 are one function. */

import { expect } from 'chai';
import fc from 'fast-check';
import * as node from '../../src/backends/sha256.js';
import * as browser from '../../src/backends/sha256-browser.js';
import { anyText } from '../support/arbitrary/text.js';

describe('SHA-256', () => {
  it('is the same in Node.js and in a browser', () => {
    fc.assert(
      fc.property(fc.array(anyText()), (texts) => {
        const all = texts.join('');
        expect(browser.sha256(all)).to.equal(node.sha256(all));
        expect(browser.sha256Hex(texts)).to.equal(node.sha256Hex(texts));
      }),
    );
  });
});
