/** The long-lived applier against a kernel in memory: it remembers what it loaded, and reads again after anything odd. */

import { expect } from 'chai';
import { Applier, type ApplierOptions } from '../../src/apply/applier.js';
import { LoadError } from '../../src/errors.js';
import type { CommandResult } from '../../src/host/host.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { applyOptions, desired, shop, shops, spoiled } from '../support/cases/apply-case.js';
import { MemoryHost } from '../support/kernels/memory-host.js';
import { MemoryKernel } from '../support/kernels/memory-kernel.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';

/** A machine with a kernel in memory that does not know the match `nosuchmatch`. */
class Machine {
  readonly kernel = new MemoryKernel();
  readonly host: MemoryHost;
  /** Words of the next restore instead of doing it. */
  failNext = '';
  /** Whether tools name the line that they refuse, as nf_tables does, or COMMIT, as legacy does. */
  names = true;

  constructor() {
    this.host = new MemoryHost({
      answer: ({ command, args, input = '' }): CommandResult | undefined => {
        if (args[0] === '--version')
          return command === 'iptables-nft' ? exited(0, 'iptables v1.8.9 (nf_tables)') : undefined;
        if (command === 'iptables-nft-save') return exited(0, tableOf(this.kernel.save(), args[1]));
        if (command !== 'iptables-nft-restore') return undefined;
        if (this.failNext !== '') {
          const said = this.failNext;
          this.failNext = '';
          return exited(1, '', said);
        }
        return this.restore(input);
      },
    });
  }

  restore(input: string): CommandResult {
    const lines = input.split('\n');
    const bad = lines.findIndex((line) => line.includes('nosuchmatch'));
    if (bad < 0) {
      const { error } = this.kernel.restore(input);
      return error === '' ? exited(0, '') : exited(1, '', named(error));
    }
    const start = lines.findLastIndex((line, i) => i < bad && line.startsWith('*'));
    this.kernel.restore(lines.slice(0, start).join('\n'));
    const commit = lines.indexOf('COMMIT', bad);
    return exited(2, '', `Error occurred at line: ${(this.names ? bad : commit) + 1}\n`);
  }

  /** How often each tool was used since the last question. */
  used(): { readonly reads: number; readonly loads: number } {
    const ran = this.host.ran.splice(0);
    return {
      reads: ran.filter(({ command }) => command.endsWith('-save')).length,
      loads: ran.filter(({ command }) => command.endsWith('-restore')).length,
    };
  }
}

/** One table of a dump of all. */
function tableOf(saved: string, name = ''): string {
  return saved.split(/^(?=\*)/m).find((table) => table.startsWith(`*${name}\n`)) ?? '';
}

function exited(code: number, stdout: string, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout, stderr };
}

/** The kernel in memory says `line 3: reason`. */
function named(error: string): string {
  return error.replace(/^line (\d+): /, 'line $1 failed: ');
}

function applierOn(machine: Machine, over: Partial<ApplierOptions> = {}): Applier {
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
    const machine = new Machine();
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
    const machine = new Machine();
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
    const machine = new Machine();
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
    const machine = new Machine();
    const applier = applierOn(machine);
    const wants = [5, 2, 7, 1].map((count) => rules(...shops(count)));
    await Promise.all(wants.map((want) => applier.apply(want)));
    expect(missingFrom(machine.kernel.save(), wants[3]!)).to.equal('');
  });

  it('what is refused is not tried again as long as it is the same', async () => {
    const machine = new Machine();
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
      const machine = new Machine();
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
      const machine = new Machine();
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
      const [file, ...more] = [...machine.host.files.keys()];
      expect(more).to.deep.equal([]);
      expect(result.refused.every((one) => one.file === file)).to.equal(true);
    });
});
