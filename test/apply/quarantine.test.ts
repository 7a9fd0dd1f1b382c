/**
 * Which Service ports are left out where the kernel refuses something, in how many loads, and when
 * nothing is changed.
 */

import { expect } from 'chai';
import { loadWithQuarantine, type QuarantinedLoad } from '../../src/apply/quarantine.js';
import { BACKENDS } from '../../src/backends/index.js';
import { LoadError } from '../../src/errors.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { applyOptions, desired, shops, spoiled } from '../support/cases/apply-case.js';
import { RefusingMachine } from '../support/kernels/refusing-machine.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

const BAD = '-A CHAIN -m nosuchmatch';

describe('loadWithQuarantine', () => {
  let machine: RefusingMachine;

  beforeEach(() => {
    machine = new RefusingMachine();
  });

  /** Loads a Ruleset over what the kernel holds, and counts the loads. */
  async function load(ruleset: Ruleset): Promise<QuarantinedLoad & { readonly loads: number }> {
    const backend = BACKENDS.iptables;
    const kernel = await backend.kernel.read(machine.host, 'IPv4', {});
    machine.used();
    const target = {
      ...applyOptions(machine.host),
      ...{ host: machine.host, backend, lockTimeout: 1000, failedFolder: '/state' },
    };
    const loaded = await loadWithQuarantine(target, kernel, ruleset);
    return { ...loaded, loads: machine.used().loads };
  }

  function rules(count: number, endpoints = 2): Ruleset {
    const [compiled] = desired(shops(count, endpoints)).compiled;
    if (compiled === undefined) throw new Error('no family');
    return compiled.ruleset;
  }

  /** The rules with these Services at fault. */
  function bad(ruleset: Ruleset, ...names: readonly string[]): Ruleset {
    return names.reduce((rest, name) => spoiled(rest, name, BAD), ruleset);
  }

  it('takes one load where nothing is refused', async () => {
    const wanted = rules(8);
    const { refused, applied, loads } = await load(wanted);
    expect([refused.length, loads]).to.deep.equal([0, 1]);
    expect(missingFrom(machine.kernel.save(), applied)).to.equal('');
  });

  it('takes one load more for each port whose line the tool names', async () => {
    const { refused, loads } = await load(bad(rules(8), 's1', 's6'));
    expect(refused.map(({ origin }) => origin)).to.have.members(['shop/s1 TCP', 'shop/s6 TCP']);
    for (const { line } of refused) expect(line).to.match(/^-A KUBE-SVC-\w+ -m nosuchmatch$/);
    expect(loads).to.equal(3);
  });

  for (const at of ['s0', 's31', 's63'])
    it(`finds ${at} of 64 by halves where the tool names no line`, async () => {
      machine.names = false;
      const wanted = rules(64);
      const { refused, applied, loads } = await load(bad(wanted, at));
      expect(refused.map(({ origin }) => origin)).to.deep.equal([`shop/${at} TCP`]);
      expect(applied.ports.map(({ origin }) => origin)).to.not.include(`shop/${at} TCP`);
      expect(missingFrom(machine.kernel.save(), applied)).to.equal('');
      // Everything, the node's rules, all ports, then two halves at each of six depths.
      expect(loads).to.be.at.most(3 + 2 * 6);
    });

  it('finds several ports by halves, and loads all others', async () => {
    machine.names = false;
    const { refused, applied } = await load(bad(rules(16), 's2', 's3', 's15'));
    expect(refused.map(({ origin }) => origin)).to.have.members(
      ['s2', 's3', 's15'].map((name) => `shop/${name} TCP`),
    );
    expect(applied.ports).to.have.length(13);
    expect(missingFrom(machine.kernel.save(), applied)).to.equal('');
  });

  it('a refused port keeps the rules that it had', async () => {
    const before = rules(4, 1);
    await load(before);
    const { refused, applied } = await load(bad(rules(4, 2), 's2'));
    expect(refused.map(({ origin }) => origin)).to.deep.equal(['shop/s2 TCP']);
    const old = before.ports.find(({ origin }) => origin === 'shop/s2 TCP');
    const wanted = rules(4, 2);
    const ports = wanted.ports.map((port) => (port.origin === old?.origin ? old : port));
    expect(missingFrom(machine.kernel.save(), { ...wanted, ports })).to.equal('');
    expect(missingFrom(machine.kernel.save(), applied)).to.equal('');
  });

  /** The error of a load, which leaves the kernel as it was. */
  async function refusal(ruleset: Ruleset): Promise<LoadError> {
    const before = machine.kernel.save();
    const error = await load(ruleset).catch((thrown: unknown) => thrown);
    expect(machine.kernel.save()).to.equal(before);
    if (!(error instanceof LoadError)) throw error;
    return error;
  }

  it('changes nothing where the rules of every node are refused', async () => {
    machine.names = false;
    await load(rules(4));
    const { frame, ...rest } = rules(5);
    const text = frame.text.replace(/^(-A KUBE-POSTROUTING) /m, '$1 -m nosuchmatch ');
    expect(text).to.not.equal(frame.text);
    const error = await refusal({ ...rest, frame: { ...frame, text } });
    expect(error.message).to.include('the rules that every node has are refused');
  });

  it('changes nothing where no Service is accepted', async () => {
    machine.names = false;
    await load(rules(4, 1));
    const error = await refusal(bad(rules(4, 2), 's0', 's1', 's2', 's3'));
    expect(error.message).to.include('no Service is accepted');
  });

  it('gives up beyond 50 refused ports', async () => {
    const names = Array.from({ length: 51 }, (_, i) => `s${i}`);
    const error = await refusal(bad(rules(60), ...names));
    expect(error.message).to.include('more than 50 Service ports are refused');
    const { refused } = await load(bad(rules(60), ...names.slice(1)));
    expect(refused).to.have.length(50);
  });
});
