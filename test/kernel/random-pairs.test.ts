/**
 * The kernel is asked: a plan between two random rulesets, loaded on top of the first and of other people's rules, gives
 * the second, keeps every counter that it could keep, and leaves nothing to do.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { planFromDump, planFromRuleset } from '../../src/backends/iptables/diff.js';
import { restoreInput } from '../../src/backends/iptables/load.js';
import { parseDump } from '../../src/backends/iptables/parse.js';
import type { Family, Ruleset } from '../../src/index.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import { foreignRules, rulesetPair } from '../support/arbitrary-pair.js';
import {
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { seed } from '../support/property.js';
import { missingFrom } from '../support/ruleset-in-kernel.js';
import { rulesetOf, service, slice } from '../support/small-cluster.js';

/** Per variant; every second one is a small change of the one before. */
const PAIRS = process.env.VIPC_FULL === '1' ? 200 : 100;

const OURS = /^KUBE-(?!ROUTER|MARK-DROP)/;

/** The chains and rules that are not ours, in order. */
function foreignLines(saved: string): readonly string[] {
  return [...parseDump(saved).tables].flatMap(([table, chains]) =>
    [...chains].flatMap(([chain, { policy, rules }]) =>
      OURS.test(chain)
        ? []
        : [
            ...(policy === '-' ? [`${table} ${chain}`] : []),
            ...rules.filter((line) => !/ -j KUBE-(?!ROUTER|MARK-DROP)/.test(line)),
          ],
    ),
  );
}

for (const variant of VARIANTS) {
  describe(`kernel: ${variant.name} goes from ruleset to ruleset`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, [...variant.tools, 'nfacct']);
      namespace = await openNamespace(`pairs-${variant.name}`);
      await makeNfacctObjects(namespace);
    });
    after(() => namespace?.close());

    it(`of ${PAIRS} random pairs`, async () => {
      const draws = fc.sample(fc.tuple(rulesetPair, foreignRules), { seed, numRuns: PAIRS / 2 });
      let updates = 0;
      for (const [i, [pair, foreign]] of draws.entries()) {
        const family: Family = i % 2 === 0 ? 'IPv4' : 'IPv6';
        const kernel = kernelOf(namespace, variant, family);
        if (i < 2) await loadDocument(namespace, variant, family, foreign.before);
        const [a, b] = pair(family);
        const saved = await kernel.carryOut(planFromDump(parseDump(await kernel.save()), a), a);
        await loadDocument(namespace, variant, family, foreign.between);
        const update = i % 4 < 2 ? planFromRuleset(a, b) : undefined;
        if (update !== undefined) updates++;
        await kernel.carryOut(update ?? planFromDump(parseDump(saved), b), b);
      }
      expect(updates, 'plans made without looking').to.be.greaterThan(PAIRS / 20);
    }).timeout(600_000);

    it('through changes of hundreds of chains at once', async () => {
      const kernel = kernelOf(namespace, variant, 'IPv4');
      let saved = await kernel.save();
      for (const [from, to] of [
        [0, 150],
        [100, 250],
        [0, 3],
        [0, 0],
      ] as const) {
        const ruleset = rulesetOf(services(from, to));
        saved = await kernel.carryOut(planFromDump(parseDump(saved), ruleset), ruleset);
      }
    });
  });
}

/** Services of two endpoints each, the ones after `from` up to `to`. */
function services(from: number, to: number): readonly object[] {
  return Array.from({ length: to - from }, (_, i) => i + from).flatMap((n) => [
    service(`s${n}`, `10.96.3.${n}`),
    slice(`s${n}`, [`10.3.${n}.1`, `10.3.${n}.2`]),
  ]);
}

function kernelOf(namespace: Namespace, variant: IptablesVariant, family: Family) {
  const save = (): Promise<string> => saveDocument(namespace, variant, family);
  const carryOut = async (plan: FamilyPlan, ruleset: Ruleset): Promise<string> => {
    const before = foreignLines(await save());
    const input = restoreInput(plan, {
      variant: variant.name === 'iptables-nft' ? 'nf_tables' : 'legacy',
    });
    try {
      if (input !== '') await loadDocument(namespace, variant, family, input);
    } catch (error) {
      throw new Error(`VIPC_SEED=${seed}: ${String(error)}\n${input}\n${await save()}`);
    }
    const saved = await save();
    expect(missingFrom(saved, ruleset), `VIPC_SEED=${seed}`).to.equal('');
    expect(foreignLines(saved)).to.deep.equal(before);
    const again = planFromDump(parseDump(saved), ruleset);
    expect([...again.changes, ...again.leftovers, ...again.comments]).to.deep.equal([]);
    return saved;
  };
  return { save, carryOut };
}
