/**
 * How a plan is written for the tool: what is edited, what is written anew, and in which order it
 * is read.
 */

import { expect } from 'chai';
import { fast } from '../../src/backends/iptables/layouts/fast/layout.js';
import { planFromDump } from '../../src/backends/iptables/plan.js';
import { restoreInput } from '../../src/backends/iptables/restore-input.js';
import { deleted } from '../../src/backends/iptables/syntax/line-text.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { print, type Ruleset } from '../../src/index.js';
import { guardLines } from '../../src/plan/plan.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import {
  kernelWith,
  rulesetOf,
  service,
  slice,
  smallCluster,
} from '../support/cluster/small-cluster.js';
import { MemoryKernel } from '../support/kernels/memory-kernel.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

/** A plan for what a document would leave in an empty kernel. */
function planFor(document: string, ruleset: Ruleset): FamilyPlan {
  return planFromDump(parseDump(document), ruleset);
}

describe('a shared chain', () => {
  const many = (from: number, to: number): Ruleset =>
    rulesetOf(
      Array.from({ length: to - from }, (_, i) => i + from).flatMap((n) => [
        service(`s${n}`, `10.96.2.${n}`),
        slice(`s${n}`, [`10.2.${n}.1`]),
      ]),
    );

  it('is edited up to a quarter of its rules, rewritten beyond', () => {
    for (const [to, action] of [
      [50, 'edit'],
      [60, 'rewrite'],
    ] as const) {
      const plan = planFor(print(many(0, 40)), many(0, to));
      const change = plan.changes.find(({ name }) => name === 'KUBE-SERVICES')!;
      expect(change.action).to.equal(action);
      expect(change.rules).to.have.length(to - 40);
    }
  });

  it('gets new rules in the order of Services, before its tail', () => {
    const kernel = kernelWith(many(0, 20));
    const plan = planFor(kernel.save(), many(0, 23));
    kernel.restore(restoreInput(plan, { variant: 'nf_tables' }));
    const names = kernel
      .rules('nat', 'KUBE-SERVICES')
      .map(({ line }) => /default\/(s\d+)/.exec(line)?.[1] ?? 'tail');
    expect(names.slice(0, 3)).to.deep.equal(['s20', 's21', 's22']);
    expect(names.at(-1)).to.equal('tail');
  });
});

describe('a rule whose comment has a line feed', () => {
  it('cannot be deleted by its text, so its chain is rewritten', () => {
    const ruleset = smallCluster();
    for (const [table, chain] of [
      ['nat', 'KUBE-SERVICES'],
      ['nat', 'KUBE-MARK-MASQ'],
      ['filter', 'KUBE-FORWARD'],
    ] as const) {
      const line = `-A ${chain} -m comment --comment "one\ntwo" -j RETURN`;
      const [before, after = ''] = kernelWith(ruleset).save().split(`*${table}\n`);
      const saved = `${before}*${table}\n${after.replace('COMMIT', `${line}\nCOMMIT`)}`;
      const plan = planFor(saved, ruleset);
      expect(plan.changes.map((change) => `${change.name} ${change.action}`)).to.deep.equal([
        `${chain} rewrite`,
      ]);
      for (const variant of ['nf_tables', 'legacy'] as const)
        expect(restoreInput(plan, { variant })).to.not.include('two');
      expect(kernelWith(ruleset).restore(restoreInput(plan, { variant: 'legacy' })).error).to.equal(
        '',
      );
    }
  });
});

describe('what a plan relies on', () => {
  const before = rulesetOf(
    Array.from({ length: 12 }, (_, n) => service(`s${n}`, `10.96.2.${n + 4}`)),
    { layout: fast },
  );
  const after = rulesetOf([]);
  const plan = planFor(print(before), after);

  it('is in the table, or nothing of the table is loaded', () => {
    for (const variant of ['nf_tables', 'legacy'] as const) {
      for (const change of plan.changes.filter((one) => guardLines(one).length > 0)) {
        const kernel = kernelWith(before);
        const [removal] = guardLines(change).map(deleted);
        kernel.restore(`*${change.table}\n${removal}\nCOMMIT\n`);
        const saved = kernel.save();
        expect(kernel.restore(restoreInput(plan, { variant })).error).to.include('Bad rule');
        if (change.table === 'filter') expect(kernel.save()).to.equal(saved);
      }
    }
  });

  it('is checked without -C in iptables-legacy, and stays until nat is loaded', () => {
    const input = restoreInput(plan, { variant: 'legacy' });
    expect(input).to.not.match(/^-C /m);
    const kernel = kernelWith(before);
    const rules = (): readonly string[] =>
      plan.changes
        .filter(({ action }) => action === 'delete')
        .flatMap(({ name }) => kernel.rules('filter', name).map(({ line }) => line));
    const rejections = rules();
    expect(rejections).to.have.length(12);
    const [filter = '', rest = ''] = input.split('*nat\n');
    expect(kernel.restore(filter).error).to.equal('');
    expect(rules()).to.deep.equal(rejections);
    expect(kernel.restore(`*nat\n${rest}`).error).to.equal('');
    expect(missingFrom(kernel.save(), after, true)).to.equal('');
  });
});

describe('a first load', () => {
  const ruleset = rulesetOf(
    Array.from({ length: 120 }, (_, n) => [
      service(`s${n}`, `10.96.2.${n}`),
      slice(`s${n}`, [`10.2.${n}.1`, `10.2.${n}.2`]),
    ]).flat(),
  );
  const plan = planFor('', ruleset);

  it('puts the jumps of built-in chains in kube-proxy’s order, in front of what is there', () => {
    const kernel = new MemoryKernel();
    kernel.restore('*filter\n-A FORWARD -j DROP\nCOMMIT\n');
    expect(kernel.restore(restoreInput(plan, { variant: 'legacy' })).error).to.equal('');
    for (const table of ['filter', 'nat'])
      for (const chain of ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']) {
        const jumps = print(ruleset)
          .split('*')
          .find((block) => block.startsWith(table))!
          .split('\n')
          .filter((line) => line.startsWith(`-A ${chain} `));
        const others = `${table} ${chain}` === 'filter FORWARD' ? ['-A FORWARD -j DROP'] : [];
        expect(kernel.rules(table, chain).map(({ line }) => line)).to.deep.equal([
          ...jumps,
          ...others,
        ]);
      }
  });

  it('of many chains makes iptables-nft read each table once, behind the jumps and what they lead to', () => {
    const input = restoreInput(plan, { variant: 'nf_tables' });
    const nat = input.slice(input.indexOf('*nat\n')).split('\n');
    const at = nat.indexOf('-S');
    expect(at).to.be.greaterThan(0);
    expect(nat.slice(1, at).filter((line) => /^:KUBE-(?:SVC|SEP)-/.test(line))).to.deep.equal([]);
    expect(nat.slice(at).filter((line) => /^-[AI] [A-Z]+ /.test(line))).to.deep.equal([]);
    expect(nat.slice(1, at).filter((line) => /^-I [A-Z]+ 1 /.test(line))).to.have.length(3);
    const declared = nat.filter((line) => line.startsWith(':KUBE-SEP-'));
    expect(declared).to.have.length(240);
    expect(declared).to.not.deep.equal(declared.toSorted());
    expect(restoreInput(plan, { variant: 'legacy' })).to.not.include('-S\n');
    const kernel = new MemoryKernel();
    expect(kernel.restore(input).error).to.equal('');
    expect(missingFrom(kernel.save(), ruleset, true)).to.equal('');
  });
});
