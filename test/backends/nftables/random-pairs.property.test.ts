/** From the rules of any cluster to the rules of any other: what was planned makes of one table the other. */

import { expect } from 'chai';
import fc from 'fast-check';
import { planFromDump, planFromRuleset } from '../../../src/backends/nftables/diff.js';
import { nftInput } from '../../../src/backends/nftables/script.js';
import { equalDumps, parseDump } from '../../../src/backends/nftables/syntax/parse.js';
import { inputText } from '../../../src/backends/transaction.js';
import { type Family, print } from '../../../src/index.js';
import { rulesetPair } from '../../support/arbitrary/pair.js';
import { runs, seed } from '../../support/arbitrary/property.js';
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
  }).timeout(300_000);
});
