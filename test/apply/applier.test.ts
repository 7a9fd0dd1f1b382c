/** The long-lived applier against a kernel in memory: it remembers what it loaded, and reads again after anything odd. */

import { expect } from 'chai';
import { Applier, type ApplierOptions } from '../../src/apply/applier.js';
import { LoadError } from '../../src/errors.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { applyOptions, desired, shop, shops, spoiled } from '../support/cases/apply-case.js';
import { RefusingMachine } from '../support/kernels/refusing-machine.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

function applierOn(machine: RefusingMachine, over: Partial<ApplierOptions> = {}): Applier {
  const { lock, ...options } = applyOptions(machine.host);
  return new Applier({
    ...options,
    family: 'IPv4',
    lock,
    lockTimeout: 1000,
    failedFolder: '/state',
    ...over,
  });
}

function rules(...objects: Parameters<typeof desired>[0]): Ruleset {
  return desired(objects).compiled[0]!.ruleset;
}

describe('Applier', () => {
  it('reads once, then plans from what it has loaded', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const first = await applier.apply(rules(...shops(5)));
    expect(first.from).to.equal('kernel');
    expect(machine.used()).to.deep.equal({ reads: 6, loads: 1 });
    const want = rules(...shops(5), ...shop('new', 50));
    const second = await applier.apply(want);
    expect(second.from).to.equal('memory');
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 1 });
    expect(missingFrom(machine.kernel.save(), want)).to.equal('');
    const third = await applier.apply(want);
    expect(third.sent).to.deep.equal([]);
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 0 });
  });

  it('reads again when a load fails, and gets there', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine, { verify: false });
    await applier.apply(rules(...shops(5)));
    machine.used();
    machine.kernel.restore('*nat\n:KUBE-MARK-MASQ - [0:0]\nCOMMIT\n');
    machine.failNext = 'line 3 failed';
    const want = rules(...shops(4));
    const result = await applier.apply(want);
    expect(result.from).to.equal('kernel');
    expect(machine.used()).to.deep.equal({ reads: 3, loads: 2 });
    expect(missingFrom(machine.kernel.save(), want)).to.equal('');
    expect((await applier.apply(rules(...shops(3)))).from).to.equal('memory');
  });

  it('reads again after an error that ended a change', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    await applier.apply(rules(...shops(2)));
    const broken = rules(...shops(2));
    const frame = {
      ...broken.frame,
      text: `${broken.frame.text}-A KUBE-SERVICES -m nosuchmatch\n`,
    };
    const error = await applier.apply({ ...broken, frame }).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(LoadError);
    expect(missingFrom(machine.kernel.save(), broken)).to.equal('');
    expect((await applier.apply(rules(...shops(3)))).from).to.equal('kernel');
  });

  it('one change at a time, in the order of the calls', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const wants = [5, 2, 7, 1].map((count) => rules(...shops(count)));
    await Promise.all(wants.map((want) => applier.apply(want)));
    expect(missingFrom(machine.kernel.save(), wants[3]!)).to.equal('');
  });

  it('what is refused is not tried again as long as it is the same', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const bad = (ruleset: Ruleset): Ruleset => spoiled(ruleset, 's1', '-A CHAIN -m nosuchmatch');
    const first = await applier.apply(bad(rules(...shops(3))));
    expect(first.refused.map(({ origin }) => origin)).to.deep.equal(['shop/s1 TCP']);
    machine.used();
    const second = await applier.apply(bad(rules(...shops(5))));
    expect(second.from).to.equal('memory');
    expect(second.refused.map(({ origin }) => origin)).to.deep.equal(['shop/s1 TCP']);
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 1 });
    const third = await applier.apply(rules(...shops(5)));
    expect(third.refused).to.deep.equal([]);
    expect(missingFrom(machine.kernel.save(), rules(...shops(5)))).to.equal('');
    applier.forget();
    expect((await applier.apply(rules(...shops(5)))).from).to.equal('kernel');
  });

  for (const from of ['memory', 'kernel'] as const)
    it(`keeps what a Service has, as the ${from} knows it`, async () => {
      const machine = new RefusingMachine();
      const applier = applierOn(machine);
      const all = rules(...shops(3));
      await applier.apply(all);
      if (from === 'kernel') applier.forget();
      const without = { ...all, ports: all.ports.filter(({ origin }) => origin !== 'shop/s1 TCP') };
      const result = await applier.apply(without, new Set(['shop/s1']));
      expect(result).to.deep.include({ from, sent: [] });
      expect(missingFrom(machine.kernel.save(), all)).to.equal('');
      const other = rules(...shops(3, 4));
      await applier.apply(other, new Set(['shop/s1']));
      const changed = other.ports.filter(({ origin }) => origin !== 'shop/s1 TCP');
      const kept = all.ports.filter(({ origin }) => origin === 'shop/s1 TCP');
      expect(
        missingFrom(machine.kernel.save(), { ...other, ports: [...changed, ...kept] }),
      ).to.equal('');
      const gone = await applier.apply(without);
      expect(gone.plan.changes).to.not.deep.equal([]);
      expect(machine.kernel.save()).to.not.include('shop/s1');
    });

  for (const names of [true, false])
    it(`finds the bad among forty, ${names ? 'by its line' : 'by halves'}, and few loads`, async () => {
      const machine = new RefusingMachine();
      machine.names = names;
      const applier = applierOn(machine);
      const bad = ['s7', 's31'];
      const want = rules(...shops(40));
      const result = await applier.apply(
        bad.reduce((rest, name) => spoiled(rest, name, '-A CHAIN -m nosuchmatch'), want),
      );
      expect(result.refused.map(({ origin }) => origin).sort()).to.deep.equal([
        'shop/s31 TCP',
        'shop/s7 TCP',
      ]);
      const rest = want.ports.filter(({ origin }) => !/s7 |s31 /.test(origin));
      expect(missingFrom(machine.kernel.save(), { ...want, ports: rest })).to.equal('');
      const { loads } = machine.used();
      expect(loads).to.be.lessThan(names ? 4 : 2 * 2 * 6 + 3);
      const saved = [...machine.host.files.keys()].filter((path) => path.includes('refused'));
      const [file, ...more] = saved;
      expect(more).to.deep.equal([]);
      expect(result.refused.every((one) => one.file === file)).to.equal(true);
    });
});
