/** What a later nft prints, and this version of vipc does not know, is no drift. */

import { expect } from 'chai';
import type { CheckTarget } from '../../../../src/backends/check/checker.js';
import { NftablesChecker } from '../../../../src/backends/nftables/check/check.js';
import { UnsupportedError } from '../../../../src/errors.js';
import { compileSnapshot } from '../../../../src/pipeline.js';
import { snapshotOf } from '../../../model/support.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const { ruleset } = compileSnapshot(snapshotOf(), 'IPv4', { mode: 'nftables' });
const PLACE = { family: 'ip', table: 'kube-proxy' };

/** A table in which nft lists this of chain `services`. */
function targetWith(chain: object, ...statements: readonly object[]): CheckTarget {
  const nftables = [
    { table: { family: 'ip', name: 'kube-proxy' } },
    { chain: { ...PLACE, name: 'services', handle: 1, ...chain } },
    { rule: { ...PLACE, chain: 'services', handle: 2, expr: statements } },
  ];
  const stdout = JSON.stringify({ nftables });
  const host = new MemoryHost({
    answer: () => ({ kind: 'exited', code: 0, stdout, stderr: '' }),
  });
  return {
    ...{ host, family: 'IPv4', ruleset },
    tools: { family: 'IPv4', variant: 'nf_tables', save: 'nft', restore: 'nft', version: '1.2.0' },
  };
}

describe('backends/nftables/check: keys of a later nft', () => {
  const CASES: readonly (readonly [what: string, key: string, chain: object, statement: object])[] =
    [
      ['a chain', 'chain.later', { later: 1 }, { drop: null }],
      ['a statement', 'jump.later', {}, { jump: { target: 'x', later: 1 } }],
    ];
  for (const [what, key, chain, statement] of CASES)
    it(`are said to be what cannot be compared: of ${what}`, async () => {
      const check = new NftablesChecker().checkShared(targetWith(chain, statement));
      const error = await check.then(
        () => expect.fail('it was compared'),
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(UnsupportedError);
      expect(String(error)).to.contain(`"${key}"; what has it cannot be compared`);
    });

  it('are not taken for those of rules that nft knows and vipc does not', async () => {
    const foreign = { limit: { rate: 1, per: 'second' } };
    const changes = await new NftablesChecker().checkShared(targetWith({}, foreign));
    expect(JSON.stringify(changes)).to.contain('limit');
  });
});
