/**
 * From the rules of one kube-proxy to those of another and back: each plan gives what it promises.
 */

import { expect } from 'chai';
import { planFromDump as planIptables } from '../../src/backends/iptables/plan.js';
import { restoreInput } from '../../src/backends/iptables/restore-input.js';
import { parseDump as parseIptables } from '../../src/backends/iptables/syntax/parse.js';
import { planFromDump } from '../../src/backends/nftables/diff.js';
import { nftInput } from '../../src/backends/nftables/script.js';
import { parseDump } from '../../src/backends/nftables/syntax/parse.js';
import { type BackendName, print, type Ruleset } from '../../src/index.js';
import { PROFILES } from '../../src/profiles/table.js';
import type { Profile } from '../../src/profiles/types.js';
import { emptyKernel } from '../support/arbitrary/pair.js';
import { conformanceCases, loadCase } from '../support/cases/conformance-cases.js';
import { MemoryNft } from '../support/kernels/memory-nft.js';

/** With affinity, policies, source ranges, hints and a detector. */
const CASES = /^(?:098|128|146|178|216|268)-/;
const cases = conformanceCases().filter(
  ({ name, recordedHere }) => recordedHere && CASES.test(name),
);

function rulesetsOf(found: (typeof cases)[number], mode: BackendName): readonly Ruleset[] {
  const version = ({ from: [minor, patch] }: Profile): string => `1.${minor}.${patch}`;
  const rulesets = PROFILES.filter(
    ({ nftables }) => mode === 'iptables' || typeof nftables !== 'string',
  ).map((profile) => loadCase(found, mode, { profile: version(profile) }).compile('IPv4').ruleset);
  // Rows that write the same are one pair with any other.
  return [...new Map(rulesets.map((ruleset) => [print(ruleset), ruleset])).values()];
}

describe('profiles: there and back', () => {
  for (const found of cases) {
    it(`in mode nftables: ${found.name}`, () => {
      const rulesets = rulesetsOf(found, 'nftables');
      for (const a of rulesets)
        for (const b of rulesets) {
          const kernel = new MemoryNft();
          expect(kernel.load(print(a))).to.equal('');
          const start = kernel.save();
          for (const [from, to] of [[a, b] as const, [b, a] as const]) {
            const plan = planFromDump(parseDump(print(from)), to);
            for (const { text } of nftInput(plan, { twoSteps: false }))
              expect(kernel.load(text), text).to.equal('');
          }
          expect(kernel.save()).to.equal(start);
        }
    });

    it(`in mode iptables: ${found.name}`, () => {
      const rulesets = rulesetsOf(found, 'iptables');
      for (const a of rulesets)
        for (const b of rulesets) {
          const kernel = emptyKernel('');
          const go = (to: Ruleset): void => {
            const plan = planIptables(parseIptables(kernel.save()), to);
            const input = restoreInput(plan, { variant: 'nf_tables' });
            if (input !== '') expect(kernel.restore(input).error, input).to.equal('');
          };
          go(a);
          const start = kernel.save();
          go(b);
          go(a);
          expect(sorted(kernel.save())).to.deep.equal(sorted(start));
        }
    });
  }
});

/** Chains stand in the order in which they were made. */
function sorted(saved: string): readonly string[] {
  return saved.split('\n').sort();
}
