/**
 * From the rules of any cluster to the rules of any other: the plan, carried out on a kernel that
 * holds the first and much that is not ours, gives the second, touches nothing else, and has
 * nothing left to do.
 *
 * In a simulated kernel, and so of mode iptables alone: only nft knows what a transaction of nft
 * does, and the same pairs are carried out by it in test/kernel/random-pairs.test.ts.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { planFromDump, planFromRuleset } from '../../src/backends/iptables/plan.js';
import { restoreInput } from '../../src/backends/iptables/restore-input.js';
import { withoutComment } from '../../src/backends/iptables/syntax/line-text.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { type Family, print, type Ruleset } from '../../src/index.js';
import { allChanges } from '../../src/plan/plan.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import { emptyKernel, foreignRules, rulesetPair } from '../support/arbitrary/pair.js';
import { propertyUntil, runs, seed } from '../support/arbitrary/property.js';
import type { KernelRule, MemoryKernel } from '../support/kernels/memory-kernel.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

/** Each draw makes a pair in both families. */
const DRAWS = process.env.VIPC_FULL === '1' ? 5000 : Math.ceil(runs * 1.25);
const PAIRS = 2 * DRAWS;

function planned(kernel: MemoryKernel, ruleset: Ruleset): FamilyPlan {
  return planFromDump(parseDump(kernel.save()), ruleset);
}

/** What of a kernel is not ours to touch, with the identity of every rule. */
function foreign(kernel: MemoryKernel): ReadonlyMap<string, readonly KernelRule[]> {
  const ours = /^\S+ KUBE-(?!ROUTER|MARK-DROP)/;
  return new Map(
    kernel
      .chains()
      .filter((key) => !ours.test(key))
      .map((key) => {
        const [table = '', chain = ''] = key.split(' ');
        const rules = kernel.rules(table, chain);
        return [key, rules.filter(({ line }) => !/ -j KUBE-(?!ROUTER|MARK-DROP)/.test(line))];
      }),
  );
}

/** Carries a plan out and checks everything that must hold whatever the plan is. */
function carryOut(
  kernel: MemoryKernel,
  plan: FamilyPlan,
  ruleset: Ruleset,
  variant: 'nf_tables' | 'legacy',
): void {
  const before = kernel.copy();
  const input = restoreInput(plan, { variant });
  const wanted = frontendsOf(print(ruleset));
  const promised = [...frontends(before)].filter((frontend) => wanted.has(frontend));
  const result = kernel.restore(input, () => {
    const now = frontends(kernel);
    const open = promised.filter((frontend) => !now.has(frontend));
    expect(open, `let through between tables:\n${input}`).to.deep.equal([]);
  });
  expect(result.error, input).to.equal('');
  expect(missingFrom(kernel.save(), ruleset)).to.equal('');
  expect(foreign(kernel)).to.deep.equal(foreign(before));
  checkTouched(before, kernel, plan, result.flushed);
  const again = planned(kernel, ruleset);
  expect(allChanges(again)).to.deep.equal([]);
  expect(restoreInput(again, { variant })).to.equal('');
}

/** The addresses and node ports that are translated or refused, as `destination protocol port`. */
function frontendsOf(saved: string): Set<string> {
  const found = new Set<string>();
  for (const [table, chains] of parseDump(saved).tables)
    for (const chain of ['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-NODEPORTS'])
      for (const line of chains.get(chain)?.rules ?? []) {
        if (table === 'filter' && chain === 'KUBE-NODEPORTS') continue;
        const [, protocol, port] = / -p (\S+) .* --dport (\d+) /.exec(line) ?? [];
        const address = / -d (\S+) /.exec(line)?.[1] ?? 'node';
        if (protocol !== undefined) found.add(`${address} ${protocol} ${port}`);
      }
  return found;
}

function frontends(kernel: MemoryKernel): Set<string> {
  return frontendsOf(kernel.save());
}

/**
 * Nothing was written that could have stayed: no chain emptied for the same lines, their comments
 * aside only where one was missing; no rule of an edited chain but the named.
 */
function checkTouched(
  before: MemoryKernel,
  after: MemoryKernel,
  plan: FamilyPlan,
  flushed: readonly string[],
): void {
  const recommented = new Set(plan.uncommented.map(({ table, name }) => `${table} ${name}`));
  const lines = (kernel: MemoryKernel, key: string): string => {
    const [table = '', chain = ''] = key.split(' ');
    return kernel
      .rules(table, chain)
      .map(({ line }) => (recommented.has(key) ? line : withoutComment(line)))
      .join('\n');
  };
  for (const key of flushed) {
    if (after.chains().includes(key))
      expect(lines(after, key), `${key} was emptied`).to.not.equal(lines(before, key));
  }
  const changed = new Map(
    allChanges(plan).map((change) => [`${change.table} ${change.name}`, change]),
  );
  for (const key of before.chains()) {
    const [table = '', chain = ''] = key.split(' ');
    const change = changed.get(key);
    if (change !== undefined && change.action !== 'edit') continue;
    const kept = new Set(after.rules(table, chain).map(({ id }) => id));
    const gone = before.rules(table, chain).filter(({ id }) => !kept.has(id));
    const named = (change?.rules ?? []).filter(({ op }) => op === 'remove');
    expect(gone.map(({ line }) => line).sort(), key).to.deep.equal(
      named.map(({ line }) => line).sort(),
    );
  }
}

/**
 * Input that takes the comments out of every third chain of a Service, as a node near 1,000
 * endpoints has them.
 */
function otherComments(kernel: MemoryKernel): string {
  const blocks = kernel
    .chains()
    .filter((key) => /^nat KUBE-(?:SVC|SVL|SEP|EXT)-/.test(key))
    .filter((_, i) => i % 3 === 0)
    .map((key) => {
      const chain = key.slice('nat '.length);
      const lines = kernel.rules('nat', chain).map(({ line }) => withoutComment(line));
      return [`:${chain} - [0:0]`, ...lines].join('\n');
    });
  return ['*nat', ...blocks, 'COMMIT', ''].join('\n');
}

describe('a plan between random rulesets', () => {
  const counts = { pairs: 0, updates: 0, edits: 0, rewrites: 0, uncommented: 0, splits: 0 };

  const metAll = (): boolean => Object.values(counts).every((count) => count > PAIRS / 10);

  it(`makes of one the other, of ${PAIRS} pairs`, () => {
    propertyUntil(
      metAll,
      fc.property(
        rulesetPair,
        foreignRules,
        fc.constantFrom('nf_tables' as const, 'legacy' as const),
        (pair, strangers, variant) => {
          for (const family of ['IPv4', 'IPv6'] satisfies Family[]) {
            const [a, b] = pair(family);
            const kernel = emptyKernel(strangers.before);
            carryOut(kernel, planned(kernel, a), a, variant);
            expect(kernel.restore(strangers.between).error).to.equal('');
            const update = planFromRuleset(a, b);
            if (update !== undefined) {
              carryOut(kernel.copy(), update, b, variant);
              counts.updates++;
            }
            expect(kernel.restore(otherComments(kernel)).error).to.equal('');
            expect(planned(kernel, a).changes).to.deep.equal([]);
            const plan = planned(kernel, b);
            carryOut(kernel, plan, b, variant);
            counts.pairs++;
            counts.edits += plan.changes.filter(({ action }) => action === 'edit').length;
            counts.rewrites += plan.changes.filter(({ action }) => action === 'rewrite').length;
            counts.uncommented += plan.uncommented.length;
            counts.splits += restoreInput(plan, { variant }).split('*filter').length > 2 ? 1 : 0;
          }
        },
      ),
      DRAWS / runs,
    );
  });

  it('met every kind of change', () => {
    console.log(`      ${JSON.stringify(counts)} VIPC_SEED=${seed}`);
    expect(counts.pairs).to.be.at.least(PAIRS);
    expect(metAll()).to.equal(true);
  });
});
