/** A rollback brings our table back to what it was, whatever it was. */

import { expect } from 'chai';
import { print } from '../../../src/backends/nftables/print.js';
import { rollbackInput } from '../../../src/backends/nftables/rollback.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText, type LoadInput } from '../../../src/backends/transaction.js';
import { nftRuleset } from '../../support/kernels/nft-ruleset.js';

const NOTHING = '{"nftables": []}';

function rollback(before: string, now: string): LoadInput {
  return rollbackInput(parseDump(before), parseDump(now), 'IPv4', { twoSteps: false });
}

describe('nftables: a rollback', () => {
  const one = print(nftRuleset('add chain a', 'add rule a drop'));

  it('is nothing where nothing has changed', () => {
    expect(rollback(one, one)).to.deep.equal([]);
    expect(rollback(NOTHING, NOTHING)).to.deep.equal([]);
  });

  it('deletes a table that was not there', () => {
    expect(inputText(rollback(NOTHING, one))).to.equal('delete table ip kube-proxy\n');
  });

  it('leaves the other family alone', () => {
    const six = one.replaceAll(' ip ', ' ip6 ');
    expect(rollback(NOTHING, six)).to.deep.equal([]);
  });
});
