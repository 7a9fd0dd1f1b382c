/**
 * The kernel is asked: a plan between two random rulesets, loaded on top of the first and beside
 * other people's rules, gives the second, leaves alone what is in both, and leaves nothing to do.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { inputText } from '../../src/backends/transaction.js';
import type { Family, Ruleset } from '../../src/index.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import { type ForeignRules, type RulesetPair, rulesetPair } from '../support/arbitrary/pair.js';
import { seed } from '../support/arbitrary/property.js';
import { rulesetOf, service, slice } from '../support/cluster/small-cluster.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { PAIR_VARIANTS, type PairVariant } from '../support/kernels/pair-variants.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

for (const variant of PAIR_VARIANTS) {
  const { mode, pairs } = variant;

  describe(`kernel: ${variant.name} goes from ruleset to ruleset`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`pairs-${variant.name}`);
      await variant.prepare(namespace);
    });
    after(() => namespace?.close());

    it(`of ${pairs} random pairs`, async () => {
      const drawn = fc
        .sample(fc.tuple(rulesetPair, variant.foreign), { seed, numRuns: 5 * pairs })
        .values();
      for (let i = 0; i < pairs / 2; i++) {
        const family: Family = i % 2 === 0 ? 'IPv4' : 'IPv6';
        const kernel = kernelOf(namespace, variant, family);
        const withoutLooking = i % 4 < 2;
        const { a, b, foreign, update } = nextPair(drawn, variant, family, withoutLooking);
        if (i < 2) await variant.load(namespace, family, foreign.before);
        await kernel.carryOut(await kernel.plan(a), a, i % 3 === 0);
        await variant.load(namespace, family, foreign.between);
        await kernel.carryOut(update ?? (await kernel.plan(b)), b, i % 3 === 1);
      }
    });

    it('through changes of hundreds of chains at once', async () => {
      const kernel = kernelOf(namespace, variant, 'IPv4');
      for (const [from, to] of [
        [0, 150],
        [100, 250],
        [0, 3],
        [0, 0],
      ] as const) {
        const ruleset = rulesetOf(services(from, to), { mode });
        await kernel.carryOut(await kernel.plan(ruleset), ruleset, false);
      }
    });
  });
}

/** A drawn pair with the plan from the one to the other that needs no look at the kernel. */
interface DrawnPair {
  readonly a: Ruleset;
  readonly b: Ruleset;
  readonly foreign: ForeignRules;
  /** Where none is asked for, absent. */
  readonly update?: FamilyPlan;
}

/** The next pair; with an update asked for, the next one that has it: about every second has. */
function nextPair(
  drawn: IterableIterator<[RulesetPair, ForeignRules]>,
  { mode, options: { backend } }: PairVariant,
  family: Family,
  withUpdate: boolean,
): DrawnPair {
  for (const [pair, foreign] of drawn) {
    const [a, b] = pair(family, mode);
    if (!withUpdate) return { a, b, foreign };
    const update = backend.planUpdate(a, b);
    if (update !== undefined) return { a, b, foreign, update };
  }
  throw new Error(`VIPC_SEED=${seed}: too few pairs with an update`);
}

/** Services of two endpoints each, the ones after `from` up to `to`. */
function services(from: number, to: number): readonly object[] {
  return Array.from({ length: to - from }, (_, i) => i + from).flatMap((n) => [
    service(`s${n}`, `10.96.3.${n}`),
    slice(`s${n}`, [`10.3.${n}.1`, `10.3.${n}.2`]),
  ]);
}

function kernelOf(namespace: Namespace, variant: PairVariant, family: Family) {
  const { backend } = variant.options;
  const save = (): Promise<string> => variant.save(namespace, family);
  const planFrom = (saved: string, ruleset: Ruleset): FamilyPlan =>
    backend.read(saved === '' && variant.mode === 'nftables' ? EMPTY : saved).plan(ruleset);
  const plan = async (ruleset: Ruleset): Promise<FamilyPlan> => planFrom(await save(), ruleset);
  const carryOut = async (
    change: FamilyPlan,
    ruleset: Ruleset,
    twoSteps: boolean,
  ): Promise<void> => {
    const before = await save();
    const theirs = await variant.foreignLines(namespace, before);
    const input = backend.input(change, { variant: variant.store, twoSteps });
    for (const { text } of input) {
      try {
        await variant.load(namespace, family, text);
      } catch (error) {
        throw new Error(
          `VIPC_SEED=${seed}: ${String(error)}\n${inputText(input)}\n${await save()}`,
        );
      }
    }
    const saved = await save();
    expect(variant.differences(saved, ruleset), `VIPC_SEED=${seed}`).to.equal('');
    expect(await variant.foreignLines(namespace, saved)).to.deep.equal(theirs);
    expect(variant.remade(before, saved), `VIPC_SEED=${seed}`).to.deep.equal([]);
    const again = planFrom(saved, ruleset);
    expect([...again.changes, ...again.leftovers, ...again.comments]).to.deep.equal([]);
  };
  return { plan, carryOut };
}

/** What nft prints where there is no table: never nothing. */
const EMPTY = '{"nftables": []}';
