/** From the rules of any cluster to the rules of any other: plans, plan files and rollbacks. */

import { expect } from 'chai';
import fc from 'fast-check';
import { planFromDump, planFromRuleset } from '../../../src/backends/nftables/diff.js';
import { planFault } from '../../../src/backends/nftables/plan-check.js';
import { rollbackInput } from '../../../src/backends/nftables/rollback.js';
import { nftInput } from '../../../src/backends/nftables/script.js';
import { equalDumps, parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText } from '../../../src/backends/transaction.js';
import { type Family, print } from '../../../src/index.js';
import { loadPlan, savePlan } from '../../../src/plan/plan-file.js';
import { rulesetPair } from '../../support/arbitrary/pair.js';
import { property, runs, seed } from '../../support/arbitrary/property.js';
import { MemoryNft } from '../../support/kernels/memory-nft.js';
import { plainTables } from '../../support/kernels/nft-tables.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
/** Each draw makes a pair in both families. */
const DRAWS = process.env.VIPC_FULL === '1' ? 2500 : Math.ceil(runs * 0.75);
const PAIRS = 2 * DRAWS;

describe('nftables: plans between random rulesets', () => {
  it(`${PAIRS} pairs: what was planned makes of one the other`, () => {
    fc.assert(
      fc.property(rulesetPair, fc.boolean(), (pair, twoSteps) => {
        for (const family of FAMILIES) {
          const [a, b] = pair(family, 'nftables');
          const start = print(a);
          for (const plan of [planFromDump(parseDump(start), b), planFromRuleset(a, b)]) {
            const script = inputText(nftInput(plan, { twoSteps }));
            const end = parseDump(`${start}${script}`);
            if (!equalDumps(end, parseDump(print(b))))
              expect(plainTables(end), script).to.deep.equal(plainTables(parseDump(print(b))));
            const { changes, leftovers, comments, pinned } = planFromDump(end, b);
            expect([...changes, ...leftovers, ...comments, ...pinned]).to.deep.equal([]);
          }
        }
      }),
      { seed, numRuns: DRAWS },
    );
  });
});

describe('nftables: a plan from a file', () => {
  it('is fine where we made it, and comes back as it was', () => {
    fc.assert(
      fc.property(rulesetPair, (pair) => {
        for (const family of ['IPv4', 'IPv6'] as const) {
          const [a, b] = pair(family, 'nftables');
          for (const before of ['{"nftables": []}', print(a)]) {
            const made = { ...planFromDump(parseDump(before), b), base: '0'.repeat(64) };
            expect(planFault(made)).to.equal('');
            const plan = {
              version: 2,
              backend: 'nftables',
              variant: 'nf_tables',
              families: [made],
              host: [],
              flows: [],
            } as const;
            expect(loadPlan(savePlan(plan, planFault), 'plan', planFault)).to.deep.equal(plan);
          }
        }
      }),
      { seed, numRuns: 50 },
    );
  });
});

describe('nftables: a rollback', () => {
  it('makes any table what it was before', () => {
    property(
      fc.property(rulesetPair, fc.boolean(), (pair, twoSteps) => {
        const [before, now] = pair('IPv4', 'nftables').map((ruleset) => print(ruleset));
        if (before === undefined || now === undefined) throw new Error('no pair');
        const [kernel, wanted] = [new MemoryNft(), new MemoryNft()];
        expect([kernel.load(now), wanted.load(before)]).to.deep.equal(['', '']);
        for (const { text } of rollbackInput(parseDump(before), parseDump(now), 'IPv4', {
          twoSteps,
        }))
          expect(kernel.load(text)).to.equal('');
        expect(kernel.save()).to.equal(wanted.save());
      }),
    );
  });
});
