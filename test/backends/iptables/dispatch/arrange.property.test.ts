/**
 * Dispatch trees of mode iptables, for clusters of many Services: proven equal to the model,
 * applied exactly whatever was there, and the same after a change as after a fresh compile.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { BACKENDS } from '../../../../src/backends/index.js';
import { flattened } from '../../../../src/backends/iptables/dispatch/fragment-rules.js';
import { arrangedFragments, fast } from '../../../../src/backends/iptables/layouts/fast/layout.js';
import { kubeProxy } from '../../../../src/backends/iptables/layouts/kube-proxy/layout.js';
import { inputText } from '../../../../src/backends/transaction.js';
import { settingOf } from '../../../../src/explain/expected.js';
import { machineOf } from '../../../../src/explain/machine.js';
import { verify } from '../../../../src/explain/verify.js';
import {
  type Compiled,
  compile,
  compileSnapshot,
  type Family,
  print,
  type Ruleset,
  readRules,
} from '../../../../src/index.js';
import { Router } from '../../../../src/netfilter/route.js';
import type { FamilyPlan } from '../../../../src/plan/types.js';
import { property, propertyUntil } from '../../../support/arbitrary/property.js';
import { MOST_SERVICES, manyServices } from '../../../support/cluster/many-services.js';
import { kernelWith } from '../../../support/cluster/small-cluster.js';
import { findingText } from '../../../support/explain/finding-text.js';
import type { MemoryKernel } from '../../../support/kernels/memory-kernel.js';

const HOST = {
  nodeName: 'n',
  nfacct: true,
  interfaces: [{ name: 'eth0', addresses: ['192.168.0.10/24', 'fd00:192::10/64'] }],
};
const backend = BACKENDS.iptables;
const TARGET = { variant: 'nf_tables', twoSteps: false } as const;

const numbers = fc.uniqueArray(fc.integer({ min: 0, max: MOST_SERVICES - 1 }), {
  minLength: 20,
  maxLength: 70,
});
const families = fc.constantFrom<Family>('IPv4', 'IPv6');

function compiled(some: readonly number[], family: Family, previous?: Compiled): Compiled {
  const options = { layout: fast, host: HOST };
  return compileSnapshot(manyServices(some, family), family, options, previous);
}

function carryOut(kernel: MemoryKernel, plan: FamilyPlan): void {
  const input = inputText([backend.input(plan, TARGET)].flat());
  expect(kernel.restore(input).error, input).to.equal('');
}

/** The kernel holds exactly a Ruleset. */
function checkHolds(kernel: MemoryKernel, family: Family, ruleset: Ruleset): void {
  const { changes, leftovers } = backend.read(kernel.save(), { family }).plan(ruleset);
  expect([...changes, ...leftovers]).to.deep.equal([]);
}

/** The rules of a Service without the chain that they stand in, where that is of every node. */
function rulesOf(text: string, service: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.includes(`"${service} `) || line.includes(`"${service}"`))
    .map((line) =>
      line.replace(
        /^-A KUBE-(?:SERVICES|[A-Z-]*SERVICES|NODEPORTS|PROXY-FIREWALL|X?(?:IP|NP)-\S+|FWIP-\S+)/,
        '',
      ),
    )
    .sort();
}

describe('dispatch trees of mode iptables', () => {
  it('do what the model says', () => {
    let nodes = 0;
    propertyUntil(
      () => nodes > 10,
      fc.property(numbers, families, (some, family) => {
        const { model, ruleset } = compiled(some, family);
        const text = print(ruleset);
        nodes += ruleset.shared.length;
        const machine = machineOf(family, HOST, undefined);
        const setting = settingOf(model, machine, backend.behaviour);
        const router = new Router(readRules('iptables', text, { family }).program(), machine);
        const { findings, unneeded } = verify(router, model, setting);
        expect(findings.slice(0, 3).map(findingText).join('\n')).to.equal('');
        // A node may have no packet for what every node has: none is masqueraded, for one.
        const everyNode = new Set(print(compiled([], family).ruleset).split('\n'));
        const lines = unneeded.flatMap((one) => one.lines);
        expect(lines.filter((line) => !everyNode.has(line))).to.deep.equal([]);
      }),
      0.3,
    );
    expect(nodes).to.be.greaterThan(10);
  });

  it('are the same after a change as after a fresh compile, and are loaded as planned', () => {
    property(
      fc.property(numbers, numbers, families, (first, more, family) => {
        const steps = [first, [...first, ...more.slice(0, 3)], [...first.slice(4), more[0] ?? 0]];
        let before = compiled(first, family);
        const kernel = kernelWith(before.ruleset);
        for (const step of steps) {
          const after = compiled([...new Set(step)], family, before);
          const fresh = compiled([...new Set(step)], family);
          expect(print(after.ruleset)).to.equal(print(fresh.ruleset));
          const plan = backend.planUpdate(before.ruleset, after.ruleset);
          carryOut(kernel, plan ?? expect.fail('no plan'));
          checkHolds(kernel, family, after.ruleset);
          before = after;
        }
        const other = compile(before.model, { layout: kubeProxy });
        for (const wanted of [other, before.ruleset]) {
          carryOut(kernel, backend.read(kernel.save(), { family }).plan(wanted));
          checkHolds(kernel, family, wanted);
        }
      }),
      0.5,
    );
  });

  it('take in Services that are kept as the kernel has them, from any layout and to any', () => {
    property(
      fc.property(numbers, numbers, families, (first, more, family) => {
        const { model, ruleset } = compiled(first, family);
        const next = compiled(more, family);
        const gone = first.find((n) => !more.includes(n));
        fc.pre(gone !== undefined);
        const kept = `shop/s${gone}`;
        const layouts = [fast, kubeProxy] as const;
        for (const from of layouts)
          for (const to of layouts) {
            const kernel = kernelWith(from === fast ? ruleset : compile(model, { layout: from }));
            const before = kernel.save();
            const rules = backend.read(before, { family });
            const wanted = to === fast ? next.ruleset : compile(next.model, { layout: to });
            const beside = rules.keepServices(wanted, new Set([kept]));
            carryOut(kernel, rules.plan(beside));
            checkHolds(kernel, family, beside);
            expect(rulesOf(kernel.save(), kept)).to.deep.equal(rulesOf(before, kept));
            if (to !== fast) continue;
            expect(arrangedFragments(beside.ports, family).ports).to.deep.equal(beside.ports);
          }
      }),
      0.3,
    );
  });

  it('are the same from the model as from the text of rules', () => {
    property(
      fc.property(numbers, families, (some, family) => {
        const { ports, shared } = compiled(some, family).ruleset;
        expect(arrangedFragments(ports.map(flattened), family)).to.deep.equal({ ports, shared });
      }),
      0.5,
    );
  });

  it('leave a rule that they do not know in the root', () => {
    const text = '*nat\n-A KUBE-IP-10.96.0.0/16 -d 10.96.0.1/32 -j KUBE-SVC-A\n';
    expect(arrangedFragments([{ origin: 'a/b TCP', text }], 'IPv4').ports).to.deep.equal([
      { origin: 'a/b TCP', text: text.replace('KUBE-IP-10.96.0.0/16', 'KUBE-SERVICES') },
    ]);
  });
});
