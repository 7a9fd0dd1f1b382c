/** A rollback brings our table back to what it was, whatever it was. */

import { expect } from 'chai';
import fc from 'fast-check';
import { print } from '../../../src/backends/nftables/print.js';
import { rollbackInput } from '../../../src/backends/nftables/rollback.js';
import { parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText, type LoadInput } from '../../../src/backends/transaction.js';
import { rulesetPair } from '../../support/arbitrary/pair.js';
import { property } from '../../support/arbitrary/property.js';
import { MemoryNft } from '../../support/kernels/memory-nft.js';
import { nftRuleset } from '../../support/kernels/nft-ruleset.js';

const NOTHING = '{"nftables": []}';

function rollback(before: string, now: string, twoSteps = false): LoadInput {
  return rollbackInput(parseDump(before), parseDump(now), 'IPv4', { twoSteps });
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

  it('makes any table what it was before', () => {
    property(
      fc.property(rulesetPair, fc.boolean(), (pair, twoSteps) => {
        const [before, now] = pair('IPv4', 'nftables').map((ruleset) => print(ruleset));
        if (before === undefined || now === undefined) throw new Error('no pair');
        const [kernel, wanted] = [new MemoryNft(), new MemoryNft()];
        expect([kernel.load(now), wanted.load(before)]).to.deep.equal(['', '']);
        for (const { text } of rollback(before, now, twoSteps))
          expect(kernel.load(text)).to.equal('');
        expect(kernel.save()).to.equal(wanted.save());
      }),
    );
  });
});
