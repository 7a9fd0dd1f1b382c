/**
 * For every layout L and snapshot s: the document of L(s) does not differ from L(s); an apply ends
 * in L(s); a cleanup after it leaves nothing; and going from L to kube-proxy's layout and back
 * leaves nothing of either behind.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { cleanUp } from '../../src/apply/cleanup.js';
import { BACKENDS } from '../../src/backends/index.js';
import { parseDump } from '../../src/backends/iptables/syntax/parse.js';
import type { Layout } from '../../src/backends/layout.js';
import { inputText } from '../../src/backends/transaction.js';
import { compileSnapshot, type Family, print, type Ruleset } from '../../src/index.js';
import { iptablesLayout } from '../support/arbitrary/iptables-layout.js';
import { clusterPair, foreignRules } from '../support/arbitrary/pair.js';
import { asyncPropertyUntil } from '../support/arbitrary/property.js';
import { memoryMachine } from '../support/kernels/memory-machine.js';

const backend = BACKENDS.iptables;
const LOAD = { lockTimeout: 1000, timeout: 1000 };

/** One family of a machine, as apply and cleanup work on it. */
class Machine {
  readonly #machine = memoryMachine({ programs: ['iptables-nft', 'ip6tables-nft'] });
  readonly #family: Family;

  constructor(family: Family, foreign: string) {
    this.#family = family;
    expect(this.#kernel().restore(foreign).error).to.equal('');
  }

  #kernel() {
    return this.#machine.kernels[this.#family === 'IPv4' ? 'iptables-nft' : 'ip6tables-nft']!;
  }

  /** All rules, chain by chain, those of shared chains in any order. */
  tables(): ReadonlyMap<string, readonly string[]> {
    return tablesOf(this.#kernel().save());
  }

  async apply(ruleset: Ruleset): Promise<void> {
    const { host } = this.#machine;
    const before = await backend.kernel.read(host, this.#family, {});
    const input = backend.input(before.rules.plan(ruleset), before.tools);
    const fault = await backend.kernel.load(host, before.tools, input, LOAD);
    expect(fault, inputText(input)).to.equal(undefined);
    const after = await backend.kernel.readAgain(host, before, {});
    const again = after.rules.plan(ruleset);
    expect([...again.changes, ...again.leftovers], 'after an apply').to.deep.equal([]);
    for (const [key, lines] of tablesOf(print(ruleset)))
      if (!isBuiltIn(key)) expect(this.tables().get(key), key).to.deep.equal(lines);
  }

  /** From what was loaded before, as the agent does it, where that is possible. */
  async update(before: Ruleset, after: Ruleset): Promise<void> {
    const { host } = this.#machine;
    const plan = backend.planUpdate(before, after);
    const { tools } = await backend.kernel.read(host, this.#family, {});
    const input = plan === undefined ? [] : backend.input(plan, tools);
    const fault = await backend.kernel.load(host, tools, input, LOAD);
    expect(fault, inputText(input)).to.equal(undefined);
    await this.apply(after);
  }

  async cleanUp(): Promise<void> {
    const lock = { timeout: 1000, about: 'a test' };
    await cleanUp(this.#machine.host, { families: [this.#family], lock, modes: ['iptables'] });
  }
}

/** Chains that the kernel or kubelet may have. */
function isBuiltIn(key: string): boolean {
  return / [A-Z]+$| KUBE-FIREWALL$/.test(key);
}

const SHARED = / (?:KUBE-(?:SERVICES|NODEPORTS|EXTERNAL-SERVICES|PROXY-FIREWALL)|OWN-DISPATCH-\d)$/;

function tablesOf(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...parseDump(text).tables].flatMap(([table, chains]) =>
      [...chains].map(([chain, { rules }]): [string, readonly string[]] => {
        const key = `${table} ${chain}`;
        return [key, SHARED.test(key) ? [...rules].sort() : rules];
      }),
    ),
  );
}

/** Without KUBE-FIREWALL, which stays for kubelet. */
function others(tables: ReadonlyMap<string, readonly string[]>): readonly unknown[] {
  return [...tables]
    .filter(([key]) => !key.endsWith(' KUBE-FIREWALL'))
    .map(([key, lines]) => [key, lines.filter((line) => !line.endsWith(' KUBE-FIREWALL'))]);
}

describe('any layout of mode iptables', () => {
  const draws = fc.tuple(
    iptablesLayout,
    clusterPair,
    foreignRules,
    fc.constantFrom<Family>('IPv4', 'IPv6'),
  );

  it('does not differ from itself, is applied exactly, and leaves nothing behind', async () => {
    let customised = 0;
    await asyncPropertyUntil(
      () => customised > 5,
      fc.asyncProperty(draws, async ([layout, { first, second, options }, foreign, family]) => {
        const compile = (layoutOf: Layout | undefined, snapshot: typeof first): Ruleset =>
          compileSnapshot(snapshot, family, {
            ...options,
            mode: 'iptables',
            ...(layoutOf && { layout: layoutOf }),
          }).ruleset;
        const own = compile(layout, first);
        const itself = backend.read(print(own)).plan(own);
        expect([...itself.changes, ...itself.leftovers], 'its own document').to.deep.equal([]);
        if (print(own).includes('OWN-')) customised++;

        const machine = new Machine(family, foreign.before);
        const before = others(machine.tables());
        await machine.apply(own);
        await machine.update(own, compile(layout, second));
        await machine.cleanUp();
        expect(others(machine.tables()), 'after a cleanup').to.deep.equal(before);

        const kubeProxy = compile(undefined, first);
        await machine.apply(kubeProxy);
        const clean = machine.tables();
        await machine.apply(own);
        await machine.apply(kubeProxy);
        expect(machine.tables(), "back in kube-proxy's layout").to.deep.equal(clean);
        await machine.cleanUp();
        expect(others(machine.tables()), 'in the end').to.deep.equal(before);
      }),
    );
    expect(customised, 'layouts with chains of their own').to.be.greaterThan(5);
  });
});
