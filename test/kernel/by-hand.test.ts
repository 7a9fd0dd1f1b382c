/**
 * What somebody did to the rules by hand is found in the kernel, named line by line with its
 * Service, and undone; what the kernel itself does to them is no difference. Mode iptables is also
 * tried in the simulated kernel, on any machine.
 */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { inputText } from '../../src/backends/transaction.js';
import { print, type Ruleset } from '../../src/index.js';
import { IPTABLES_BY_HAND } from '../support/kernels/by-hand-iptables.js';
import {
  AFFINITY,
  clusterWith,
  ENDPOINT,
  NFTABLES_BY_HAND,
  STICKY,
} from '../support/kernels/by-hand-nftables.js';
import { clearTables, VARIANTS } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS, type KernelVariant } from '../support/kernels/kernel-variants.js';
import { MemoryKernel } from '../support/kernels/memory-kernel.js';
import { missingFrom } from '../support/kernels/ruleset-in-kernel.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const TABLES = { iptables: IPTABLES_BY_HAND, nftables: NFTABLES_BY_HAND };

/** A kernel that a hand can reach. */
interface Kernel {
  readonly load: (input: string) => Promise<void>;
  readonly save: () => Promise<string>;
  readonly differences: (saved: string, ruleset: Ruleset) => string;
}

/** A fresh one that holds the rules. */
type Prepare = (ruleset: Ruleset) => Promise<Kernel>;

function simulated(): Prepare {
  return async (ruleset) => {
    const memory = new MemoryKernel();
    const load = async (input: string): Promise<void> => {
      expect(memory.restore(input).error).to.equal('');
    };
    await load(print(ruleset));
    return {
      load,
      save: async () => memory.save(),
      differences: (saved, wanted) => missingFrom(saved, wanted, true),
    };
  };
}

/** Anew for each case: a script of nft makes its tables anew, and those of iptables are emptied. */
async function real(
  variant: KernelVariant,
  namespace: Namespace,
  ruleset: Ruleset,
): Promise<Kernel> {
  const emptied = VARIANTS.find(({ name }) => name === variant.name);
  if (emptied !== undefined) await clearTables(namespace, emptied, 'IPv4');
  await variant.load(namespace, 'IPv4', print(ruleset));
  return {
    load: (input) => variant.load(namespace, 'IPv4', input),
    save: () => variant.save(namespace, 'IPv4'),
    differences: (saved, wanted) => variant.differences(saved, wanted, true),
  };
}

function suite(
  mode: 'iptables' | 'nftables',
  store: 'nf_tables' | 'legacy',
  prepare: Prepare,
): void {
  const { desired, cases, report, anyOrder } = TABLES[mode];
  const backend = BACKENDS[mode];
  const ordered = (lines: readonly string[]): readonly string[] =>
    anyOrder ? lines.toSorted() : lines;

  async function repair(kernel: Kernel, twoSteps: boolean): Promise<void> {
    const plan = backend.read(await kernel.save()).plan(desired);
    const input = backend.input(plan, { variant: store, twoSteps });
    for (const { text } of input) await kernel.load(text);
    expect(kernel.differences(await kernel.save(), desired)).to.equal('');
    expect(report(await kernel.save(), desired)).to.deep.equal([]);
  }

  it('no change: no differences', async () => {
    const kernel = await prepare(desired);
    expect(report(await kernel.save(), desired)).to.deep.equal([]);
  });

  for (const { what, change, found } of cases) {
    it(what, async () => {
      for (const twoSteps of mode === 'nftables' ? [false, true] : [false]) {
        const kernel = await prepare(desired);
        await kernel.load(change);
        expect(ordered(report(await kernel.save(), desired))).to.deep.equal(ordered(found));
        await repair(kernel, twoSteps);
      }
    });
  }
}

describe('by hand, in a simulated kernel of iptables', () => {
  suite('iptables', 'nf_tables', simulated());
});

for (const variant of KERNEL_VARIANTS) {
  describe(`kernel: by hand, with ${variant.name}`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`by-hand-${variant.name}`);
      await variant.prepare(namespace);
    });
    after(() => namespace?.close());

    const store = variant.name === 'iptables-legacy' ? 'legacy' : 'nf_tables';
    suite(variant.mode, store, (ruleset) => real(variant, namespace, ruleset));

    // What only tables of our own and typed sets can have: iptables shares its tables, and has
    // neither switch nor type.
    if (variant.mode === 'nftables') {
      const { desired, report } = NFTABLES_BY_HAND;
      const nft = (input: string): Promise<void> => variant.load(namespace, 'IPv4', input);
      const ruleset = (): Promise<string> => namespace.run('nft', ['-j', 'list', 'ruleset']);
      const input = async (wanted: Ruleset): Promise<string> => {
        const plan = BACKENDS.nftables.read(await ruleset()).plan(wanted);
        return inputText(BACKENDS.nftables.input(plan, { variant: 'nf_tables' }));
      };
      const repaired = async (wanted: Ruleset): Promise<void> => {
        await nft(await input(wanted));
        const saved = await variant.save(namespace, 'IPv4');
        expect(variant.differences(saved, wanted, true)).to.equal('');
        expect(report(await ruleset(), wanted)).to.deep.equal([]);
      };

      it('a missing table', async () => {
        await nft('add table ip kube-proxy\ndelete table ip kube-proxy\n');
        const seen = report(await ruleset(), desired);
        expect(seen.slice(0, 2)).to.deep.equal([
          'create ',
          '  add every node: add table ip kube-proxy { comment "rules for kube-proxy" ; }',
        ]);
        await repaired(desired);
      });

      it('a dormant table, as each version of nft prints it', async () => {
        await nft(`${print(desired)}add table ip kube-proxy { flags dormant ; }\n`);
        const seen = report(await ruleset(), desired);
        expect(seen[0]).to.equal('rewrite ');
        expect(seen[1]).to.match(/^ {2}remove every node: add table ip kube-proxy \{ flags \w+ ; /);
        expect(seen).to.have.length(3);
        await repaired(desired);
      });

      it('another affinity timeout recreates the set and the rules that use it', async () => {
        await nft(print(desired));
        const after = clusterWith(60);
        const commands = (await input(after))
          .split('\n')
          .map((line) => line.split(' ').slice(0, 5).join(' '));
        expect(commands.slice(0, 4)).to.have.members([
          `flush chain ip kube-proxy ${STICKY}`,
          `flush chain ip kube-proxy ${ENDPOINT}`,
          `delete set ip kube-proxy ${AFFINITY}`,
          `add set ip kube-proxy ${AFFINITY}`,
        ]);
        await repaired(after);
      });

      it('foreign tables are left alone, also one of the same name', async () => {
        await nft(print(desired));
        await nft(
          'add table inet kube-proxy\nadd chain inet kube-proxy services\nadd rule inet kube-proxy services drop\n',
        );
        expect(report(await ruleset(), desired)).to.deep.equal([]);
        await repaired(clusterWith(60));
        const left = await namespace.run('nft', ['list', 'table', 'inet', 'kube-proxy']);
        expect(left).to.include('drop');
      });
    }
  });
}
