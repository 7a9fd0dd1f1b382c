/** Plans between recorded cases survive their file. */

import { expect } from 'chai';
import { loadPlan, savePlan } from '../../src/plan/plan-file.js';
import { emptyKernel } from '../support/arbitrary/pair.js';
import { caseRuleset } from '../support/cases/case-ruleset.js';
import { conformanceCases } from '../support/cases/conformance-cases.js';
import { kernelWith } from '../support/cluster/small-cluster.js';
import { checkOf, planOf } from './support.js';

describe('a plan file', () => {
  it('holds the plans to and from every recorded case', () => {
    let changes = 0;
    const names = conformanceCases().filter(({ recordedHere }) => recordedHere);
    for (const [i, { name }] of names.entries()) {
      for (const family of ['IPv4', 'IPv6'] as const) {
        const ruleset = caseRuleset(name, family);
        const other = caseRuleset(names[(i + 1) % names.length]!.name, family);
        for (const from of [emptyKernel('').save(), kernelWith(other).save()]) {
          const made = planOf(from, ruleset);
          expect(loadPlan(savePlan(made, checkOf(from)), name, checkOf(from))).to.deep.equal(made);
          changes += made.families[0]!.changes.length;
        }
      }
    }
    expect(changes).to.be.greaterThan(1000);
  });
});
