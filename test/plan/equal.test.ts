/** What is no difference, and what looks like none but is one. */

import { expect } from 'chai';
import { fingerprint } from '../../src/backends/iptables/kernel-rules.js';
import { planFromDump } from '../../src/backends/iptables/plan.js';
import { restoreInput } from '../../src/backends/iptables/restore-input.js';
import { withoutComment } from '../../src/backends/iptables/syntax/line-text.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import { print, type Ruleset } from '../../src/index.js';
import { allChanges } from '../../src/plan/plan.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import { caseRuleset } from '../support/cases/case-ruleset.js';
import {
  kernelWith,
  rulesetOf,
  service,
  slice,
  smallCluster,
} from '../support/cluster/small-cluster.js';
import { MemoryKernel } from '../support/kernels/memory-kernel.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

const desired = caseRuleset('268-kitchen-sink', 'IPv4');

/** A plan for what a document would leave in an empty kernel. */
function planFor(document: string, ruleset: Ruleset = desired): FamilyPlan {
  return planFromDump(parseDump(document), ruleset);
}

/** The document with one chain's lines reordered. */
function reordered(
  table: string,
  chain: string,
  order: (lines: readonly string[]) => readonly string[],
): string {
  const [before = '', block = ''] = print(desired).split(`*${table}\n`);
  const lines = block.split('\n');
  const mine = (line: string): boolean => line.startsWith(`-A ${chain} `);
  const first = lines.findIndex(mine);
  const end = lines.indexOf('COMMIT');
  const own = lines.slice(first, end).filter(mine);
  expect(own.length, chain).to.be.greaterThan(1);
  const others = lines.slice(first, end).filter((line) => !mine(line));
  const body = [...lines.slice(0, first), ...order(own), ...others, ...lines.slice(end)];
  return `${before}*${table}\n${body.join('\n')}`;
}

describe('order in a chain', () => {
  it('of lines of different Services is no difference', () => {
    const tailLast = (lines: readonly string[]): readonly string[] => [
      ...lines.slice(0, -1).toReversed(),
      ...lines.slice(-1),
    ];
    expect(planFor(reordered('nat', 'KUBE-SERVICES', tailLast)).changes).to.deep.equal([]);
    for (const chain of ['KUBE-PROXY-FIREWALL', 'KUBE-EXTERNAL-SERVICES']) {
      if (print(desired).split(`-A ${chain} `).length < 3) continue;
      const plan = planFor(reordered('filter', chain, (lines) => lines.toReversed()));
      expect(plan.changes, chain).to.deep.equal([]);
    }
    const pairs = (lines: readonly string[]): readonly string[] => [
      ...lines.filter((line) => line.includes('127.0.0.0/8')),
      ...lines.filter((line) => !line.includes('127.0.0.0/8')),
    ];
    expect(planFor(reordered('nat', 'KUBE-NODEPORTS', pairs)).changes).to.deep.equal([]);
  });

  it('is one where dispatch to node ports is not the last', () => {
    const plan = planFor(
      reordered('nat', 'KUBE-SERVICES', (lines) => [...lines.slice(-1), ...lines.slice(0, -1)]),
    );
    expect(plan.changes.map(({ name, action }) => `${name} ${action}`)).to.deep.equal([
      'KUBE-SERVICES rewrite',
    ]);
  });

  it('is one where a node port answers loopback after everybody', () => {
    const plan = planFor(reordered('nat', 'KUBE-NODEPORTS', (lines) => lines.toReversed()));
    expect(plan.changes.map(({ name }) => name)).to.deep.equal(['KUBE-NODEPORTS']);
  });

  it('is one in every other chain', () => {
    for (const [table, chain] of [
      ['nat', 'KUBE-POSTROUTING'],
      ['filter', 'KUBE-FORWARD'],
    ] as const) {
      const plan = planFor(reordered(table, chain, (lines) => lines.toReversed()));
      expect(plan.changes.map((change) => `${change.name} ${change.action}`)).to.deep.equal([
        `${chain} rewrite`,
      ]);
    }
  });

  it('of chains and tables means nothing', () => {
    const tables = print(desired)
      .split(/^(?=\*)/m)
      .filter((block) => block !== '')
      .map((block) => {
        const lines = block.split('\n');
        const declared = lines.filter((line) => line.startsWith(':'));
        const rest = lines.filter((line) => !line.startsWith(':'));
        return [rest[0], ...declared.toReversed(), ...rest.slice(1)].join('\n');
      });
    expect(planFor(tables.toReversed().join('')).changes).to.deep.equal([]);
  });
});

describe('comments', () => {
  const objects = (count: number): readonly object[] =>
    Array.from({ length: 10 }, (_, s) => [
      service(`s${s}`, `10.96.1.${s}`),
      slice(
        `s${s}`,
        Array.from({ length: count / 10 }, (_, i) => `10.${s}.${i >> 8}.${i & 255}`),
      ),
    ]).flat();

  it('mixed near 1,000 endpoints are no difference, are reported, and are written again', () => {
    const few = rulesetOf(objects(1000));
    const many = rulesetOf(objects(1010));
    const kernel = kernelWith(few);
    const sep = /^-A KUBE-S(?:EP|VC)-/;
    expect(
      print(few)
        .split('\n')
        .filter((line) => sep.test(line) && line.includes('--comment')),
    ).to.have.length.greaterThan(2000);
    expect(
      print(many)
        .split('\n')
        .filter((line) => sep.test(line) && line.includes('--comment')),
    ).to.have.length.lessThan(20);
    // The cluster grew beyond 1,000 and shrank again: the chains written meanwhile have no
    // comments.
    const silent = print(few)
      .split('\n')
      .map((line, i) => (sep.test(line) && i % 2 === 0 ? withoutComment(line) : line));
    const plan = planFor(silent.join('\n'), few);
    expect(plan.changes).to.deep.equal([]);
    expect(plan.comments.length).to.be.within(900, 2100);
    for (const { before, after } of plan.comments) {
      expect(before).to.not.include('--comment');
      expect(withoutComment(after)).to.equal(before);
    }
    const silentKernel = new MemoryKernel();
    expect(silentKernel.restore(silent.join('\n')).error).to.equal('');
    const { error, flushed } = silentKernel.restore(restoreInput(plan, { variant: 'nf_tables' }));
    expect(error).to.equal('');
    expect(flushed).to.have.members(plan.uncommented.map(({ name }) => `nat ${name}`));
    expect(missingFrom(silentKernel.save(), few, true)).to.equal('');
    const again = planFor(silentKernel.save(), few);
    expect([...allChanges(again), ...again.comments]).to.deep.equal([]);
    // Growing writes the chains that change, and no other.
    const growth = planFor(kernel.save(), many);
    expect(growth.changes.filter(({ action }) => action === 'create')).to.have.length(10);
    expect(growth.changes.filter(({ action }) => action === 'rewrite')).to.have.length(10);
    expect(growth.changes).to.have.length(20);
    expect(growth.comments.length).to.be.greaterThan(1900);
    expect(growth.uncommented).to.deep.equal([]);
  });

  it('in shared chains and of jumps are no difference either', () => {
    const ruleset = smallCluster();
    const other = print(ruleset)
      .replace('default/web:http cluster IP', 'default/web:http cluster  IP!')
      .replace('"kubernetes postrouting rules"', '"something else"');
    expect(other).to.not.equal(print(ruleset));
    const plan = planFor(other, ruleset);
    expect(plan.changes).to.deep.equal([]);
    expect(plan.comments.map(({ name }) => name)).to.deep.equal(['KUBE-SERVICES', 'POSTROUTING']);
  });
});

describe('chains that are not wanted', () => {
  const ruleset = smallCluster();
  const OLD = 'KUBE-SVC-AAAAAAAAAAAAAAAA';
  const OLD_SEP = 'KUBE-SEP-AAAAAAAAAAAAAAAA';

  function kernelWithOld(...more: readonly string[]): MemoryKernel {
    const kernel = kernelWith(ruleset);
    const lines = [
      `:${OLD} - [0:0]`,
      `:${OLD_SEP} - [0:0]`,
      `-A ${OLD} -j ${OLD_SEP}`,
      `-A ${OLD_SEP} -p tcp -m comment --comment "default/old:http" -m tcp -j DNAT --to-destination 10.9.9.9:80`,
    ];
    const { error } = kernel.restore(['*nat', ...lines, ...more, 'COMMIT', ''].join('\n'));
    expect(error).to.equal('');
    return kernel;
  }

  function apply(kernel: MemoryKernel, plan: FamilyPlan): void {
    expect(kernel.restore(restoreInput(plan, { variant: 'legacy' })).error).to.equal('');
    expect(missingFrom(kernel.save(), ruleset, true)).to.equal('');
  }

  it('are leftovers where nothing leads to them: no difference, but deleted', () => {
    const kernel = kernelWithOld();
    const plan = planFor(kernel.save(), ruleset);
    expect(plan.changes).to.deep.equal([]);
    expect(plan.leftovers.map(({ name, origin }) => [name, origin])).to.deep.equal([
      [OLD, ''],
      [OLD_SEP, 'default/old:http TCP'],
    ]);
    apply(kernel, plan);
  });

  it('are differences where a packet can get there', () => {
    const kernel = kernelWithOld(
      `-I KUBE-SERVICES 1 -d 10.96.0.99/32 -p tcp -m comment --comment "default/old:http cluster IP" -m tcp --dport 80 -j ${OLD}`,
    );
    const plan = planFor(kernel.save(), ruleset);
    expect(plan.leftovers).to.deep.equal([]);
    expect(plan.changes.map(({ name, action, origin }) => [name, action, origin])).to.deep.equal([
      ['KUBE-SERVICES', 'edit', ''],
      [OLD, 'delete', 'default/old:http TCP'],
      [OLD_SEP, 'delete', 'default/old:http TCP'],
    ]);
    apply(kernel, plan);
  });

  it('stay, emptied, where a foreign rule jumps to them', () => {
    for (const jump of [`-A OUTPUT -d 192.0.2.1/32 -j ${OLD}`, `-A KUBE-ROUTER-X -g ${OLD}`]) {
      const declared = jump.includes('ROUTER') ? [':KUBE-ROUTER-X - [0:0]'] : [];
      const kernel = kernelWithOld(...declared, jump);
      const plan = planFor(kernel.save(), ruleset);
      expect(plan.pinned).to.deep.equal([{ table: 'nat', chain: OLD, by: jump }]);
      expect(plan.changes.map(({ name, action }) => `${name} ${action}`)).to.include(
        `${OLD} rewrite`,
      );
      expect(kernel.restore(restoreInput(plan, { variant: 'legacy' })).error).to.equal('');
      expect(kernel.rules('nat', OLD)).to.deep.equal([]);
      expect(kernel.chains()).to.not.include(`nat ${OLD_SEP}`);
      const again = planFor(kernel.save(), ruleset);
      expect([...again.changes, ...again.leftovers]).to.deep.equal([]);
      expect(again.pinned).to.have.length(1);
    }
  });

  it('are none of ours where the name only looks like it', () => {
    const kernel = kernelWith(ruleset);
    const names = [
      'KUBE-ROUTER-FORWARD',
      'KUBE-POD-FW-AAAAAAAAAAAAAAAA',
      'KUBE-MARK-DROP',
      'KUBE-SVC-lower',
    ];
    kernel.restore(['*nat', ...names.map((name) => `:${name} - [0:0]`), 'COMMIT', ''].join('\n'));
    const plan = planFor(kernel.save(), ruleset);
    expect([...plan.changes, ...plan.leftovers, ...plan.pinned]).to.deep.equal([]);
  });
});

describe('a plan of a kernel that moved meanwhile', () => {
  it('is refused by the table that moved, and changes nothing', () => {
    const ruleset = smallCluster();
    const kernel = kernelWith(smallCluster(['10.0.0.1:8080', '10.0.0.2:8080']));
    const plan = planFor(kernel.save(), ruleset);
    const svc = plan.changes.find((change) => change.action === 'rewrite')!;
    kernel.restore(`*nat\n-A ${svc.name} -j RETURN\n-D${svc.guard!.slice(2)}\nCOMMIT\n`);
    const moved = kernel.save();
    expect(kernel.restore(restoreInput(plan, { variant: 'legacy' })).error).to.include('Bad rule');
    expect(kernel.save()).to.equal(moved);
  });

  it('has another fingerprint, and the order of chains has none', () => {
    const nothing = planFromDump(parseDump(''), smallCluster());
    const of = (saved: string): string =>
      fingerprint(parseDump(saved), { ...nothing, changes: [] });
    const base = of(print(desired));
    const turned = reordered('nat', 'KUBE-POSTROUTING', (lines) => lines.toReversed());
    expect(of(turned)).to.not.equal(base);
    const kernel = kernelWith(desired);
    expect(of(kernel.save())).to.equal(base);
    kernel.restore('*filter\n-A INPUT -s 192.0.2.1/32 -j DROP\nCOMMIT\n');
    expect(of(kernel.save())).to.equal(base);
    kernel.restore('*filter\n-D INPUT -j KUBE-FIREWALL\nCOMMIT\n');
    expect(of(kernel.save())).to.not.equal(base);
    const chains = print(desired).replace(/(:KUBE-SVC-.*\n)([\s\S]*?)(:KUBE-SVC-.*\n)/, '$3$2$1');
    expect(chains).to.not.equal(print(desired));
    expect(of(chains)).to.equal(base);
  });
});
