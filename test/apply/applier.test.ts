/**
 * The long-lived applier against a kernel in memory: it remembers what it loaded, and reads again
 * after anything odd.
 */

import { expect } from 'chai';
import { Applier, type ApplierOptions, type ApplyResult } from '../../src/apply/applier.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import { LoadError, LockError } from '../../src/errors.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { EVERY_OTHER_SERVICE } from '../../src/snapshot/types.js';
import {
  applyOptions,
  compiledAs,
  desired,
  shop,
  shops,
  spoiled,
} from '../support/cases/apply-case.js';
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

function load(
  applier: Applier,
  ruleset: Ruleset,
  keep?: ReadonlySet<string>,
): Promise<ApplyResult> {
  return applier.apply(compiledAs(ruleset), keep);
}

/** The addresses that the rules of each Service port dispatch. */
function addressLines({ ports }: Ruleset): readonly (readonly [string, readonly string[]])[] {
  return ports.map(({ origin, text }) => [
    origin,
    [...text.matchAll(/^-A KUBE-SERVICES -d (\S+)/gm)].map(([, address = '']) => address),
  ]);
}

describe('Applier', () => {
  it('reads once, then plans from what it has loaded', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const first = await load(applier, rules(...shops(5)));
    expect(first.from).to.equal('kernel');
    expect(machine.used()).to.deep.equal({ reads: 6, loads: 1 });
    const want = rules(...shops(5), ...shop('new', 50));
    const second = await load(applier, want);
    expect(second.from).to.equal('memory');
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 1 });
    expect(missingFrom(machine.kernel.save(), want)).to.equal('');
    const third = await load(applier, want);
    expect(third.sent).to.deep.equal([]);
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 0 });
  });

  it('lets the tool of the next change be started ahead, once it plans from memory', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const loads: (boolean | undefined)[] = [];
    for (const count of [3, 4, 5]) {
      await load(applier, rules(...shops(count)));
      loads.push(machine.host.ran.findLast(({ input }) => input !== undefined)?.again);
    }
    expect(loads).to.deep.equal([false, true, true]);
  });

  it('reads again when a load fails, and gets there', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine, { verify: false });
    await load(applier, rules(...shops(5)));
    machine.used();
    machine.kernel.restore('*nat\n:KUBE-MARK-MASQ - [0:0]\nCOMMIT\n');
    machine.failNext = 'line 3 failed';
    const want = rules(...shops(4));
    const result = await load(applier, want);
    expect(result.from).to.equal('kernel');
    expect(machine.used()).to.deep.equal({ reads: 3, loads: 2 });
    expect(missingFrom(machine.kernel.save(), want)).to.equal('');
    expect((await load(applier, rules(...shops(3)))).from).to.equal('memory');
  });

  it('reads again after an error that ended a change', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    await load(applier, rules(...shops(2)));
    const broken = rules(...shops(2));
    const frame = {
      ...broken.frame,
      text: `${broken.frame.text}-A KUBE-SERVICES -m nosuchmatch\n`,
    };
    const error = await load(applier, { ...broken, frame }).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(LoadError);
    expect(missingFrom(machine.kernel.save(), broken)).to.equal('');
    expect((await load(applier, rules(...shops(3)))).from).to.equal('kernel');
  });

  it('one change at a time, in the order of the calls', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const wants = [5, 2, 7, 1].map((count) => rules(...shops(count)));
    await Promise.all(wants.map((want) => load(applier, want)));
    expect(missingFrom(machine.kernel.save(), wants[3]!)).to.equal('');
  });

  it('what is refused is not tried again as long as it is the same', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine);
    const bad = (ruleset: Ruleset): Ruleset => spoiled(ruleset, 's1', '-A CHAIN -m nosuchmatch');
    const first = await load(applier, bad(rules(...shops(3))));
    expect(first.refused.map(({ origin }) => origin)).to.deep.equal(['shop/s1 TCP']);
    machine.used();
    const second = await load(applier, bad(rules(...shops(5))));
    expect(second.from).to.equal('memory');
    expect(second.refused.map(({ origin }) => origin)).to.deep.equal(['shop/s1 TCP']);
    expect(machine.used()).to.deep.equal({ reads: 0, loads: 1 });
    const third = await load(applier, rules(...shops(5)));
    expect(third.refused).to.deep.equal([]);
    expect(missingFrom(machine.kernel.save(), rules(...shops(5)))).to.equal('');
    applier.forget();
    expect((await load(applier, rules(...shops(5)))).from).to.equal('kernel');
  });

  for (const from of ['memory', 'kernel'] as const)
    it(`keeps what a Service has, as the ${from} knows it`, async () => {
      const machine = new RefusingMachine();
      const applier = applierOn(machine);
      const all = rules(...shops(3));
      await load(applier, all);
      if (from === 'kernel') applier.forget();
      const without = { ...all, ports: all.ports.filter(({ origin }) => origin !== 'shop/s1 TCP') };
      const result = await load(applier, without, new Set(['shop/s1']));
      expect(result).to.deep.include({ from, sent: [] });
      expect(missingFrom(machine.kernel.save(), all)).to.equal('');
      const other = rules(...shops(3, 4));
      await load(applier, other, new Set(['shop/s1']));
      const changed = other.ports.filter(({ origin }) => origin !== 'shop/s1 TCP');
      const kept = all.ports.filter(({ origin }) => origin === 'shop/s1 TCP');
      expect(
        missingFrom(machine.kernel.save(), { ...other, ports: [...changed, ...kept] }),
      ).to.equal('');
      const gone = await load(applier, without);
      expect(gone.plan.changes).to.not.deep.equal([]);
      expect(machine.kernel.save()).to.not.include('shop/s1');
    });

  describe('beside a Service that keeps its rules', () => {
    const old = desired(shop('old', 1)).compiled[0]!;
    // The same address, and nothing in the input that is called old.
    const both = desired([...shop('new', 1), ...shop('other', 2)]).compiled[0]!;

    for (const kept of ['shop/old', EVERY_OTHER_SERVICE])
      for (const from of ['memory', 'kernel'] as const)
        it(`gives nobody its address, and says so: ${kept} from the ${from}`, async () => {
          const applier = applierOn(new RefusingMachine());
          await applier.apply(old);
          if (from === 'kernel') applier.forget();
          const result = await applier.apply(both, new Set([kept]));
          expect(result.from).to.equal(from);
          expect(result.diagnostics.map(({ code }) => code)).to.deep.equal(['address-held']);
          const [{ message, hint, object }] = result.diagnostics as [Diagnostic];
          expect(message).to.include('10.96.0.1:80/TCP stays with Service shop/old');
          expect(object?.name).to.equal('new');
          expect(hint).to.not.include('--');
          const addresses = result.wanted.model.ports.map(({ id, clusterIp }) => [id, clusterIp]);
          expect(addresses).to.deep.equal([
            ['shop/new', ''],
            ['shop/other', '10.96.0.2'],
          ]);
          expect(addressLines(applier.loaded!.ruleset)).to.deep.equal([
            ['shop/new TCP', []],
            ['shop/other TCP', ['10.96.0.2/32']],
            ['shop/old TCP', ['10.96.0.1/32']],
          ]);
        });

    it('gives the address away once the Service is removed', async () => {
      const machine = new RefusingMachine();
      const applier = applierOn(machine);
      await applier.apply(old);
      await applier.apply(both, new Set(['shop/old']));
      const { from, diagnostics } = await applier.apply(both);
      expect({ from, diagnostics }).to.deep.equal({ from: 'memory', diagnostics: [] });
      expect(missingFrom(machine.kernel.save(), both.ruleset)).to.equal('');
    });
  });

  it('takes no lock where memory has nothing to change', async () => {
    const machine = new RefusingMachine();
    const applier = applierOn(machine, { lock: { timeout: 0, about: 'a test' } });
    const want = rules(...shops(2));
    await load(applier, want);
    const lock = await machine.host.tryLock('apply-IPv4', 'somebody else');
    if (lock.kind !== 'held') throw new Error('the applier still has its lock');
    expect(await load(applier, want)).to.deep.include({ from: 'memory', sent: [] });
    const error = await load(applier, rules(...shops(3))).catch((found: unknown) => found);
    expect(error).to.be.instanceOf(LockError);
    await lock.release();
    expect((await load(applier, rules(...shops(3)))).sent).to.have.length(1);
  });

  for (const moment of ['waits for the lock', 'loads'] as const)
    it(`reads the kernel again after it was reset while it ${moment}`, async () => {
      const machine = new RefusingMachine();
      const applier = applierOn(machine);
      await load(applier, rules(...shops(2)));
      const { host } = machine;
      const [tryLock, run] = [host.tryLock.bind(host), host.run.bind(host)];
      host.tryLock = (name, about) => {
        if (moment === 'waits for the lock') applier.forget();
        return tryLock(name, about);
      };
      host.run = (command) => {
        if (moment === 'loads') applier.forget();
        return run(command);
      };
      const during = await load(applier, rules(...shops(3)));
      expect(during.from).to.equal(moment === 'loads' ? 'memory' : 'kernel');
      host.tryLock = tryLock;
      host.run = run;
      const next = await load(applier, rules(...shops(3)));
      expect(next.from).to.equal(moment === 'loads' ? 'kernel' : 'memory');
    });

  for (const names of [true, false])
    it(`finds the bad among forty, ${names ? 'by its line' : 'by halves'}, and few loads`, async () => {
      const machine = new RefusingMachine();
      machine.names = names;
      const applier = applierOn(machine);
      const bad = ['s7', 's31'];
      const want = rules(...shops(40));
      const result = await load(
        applier,
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
