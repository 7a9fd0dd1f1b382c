/** Both implementations of SHA-256 give the value of the standard. */

import { expect } from 'chai';
import * as node from '../../src/backends/sha256.js';
import * as browser from '../../src/backends/sha256-browser.js';

describe('SHA-256', () => {
  it('is that of FIPS 180-4', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    for (const { sha256Hex } of [node, browser]) expect(sha256Hex(['a', 'bc'])).to.equal(abc);
  });
});
