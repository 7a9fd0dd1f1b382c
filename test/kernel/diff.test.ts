/**
 * A node as kube-proxy left it, in a real kernel of either mode: `vipc diff` sees no differences,
 * names what a hand has changed since, asks nobody that it need not, changes nothing itself, and
 * its plan is carried out by `vipc apply`.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { apply } from '../../src/cli/commands/apply.js';
import { type DiffFlags, diff } from '../../src/cli/commands/diff.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { StalePlanError, UsageError } from '../../src/errors.js';
import { DIFF_VARIANTS } from '../support/kernels/diff-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { MemoryTerminal } from '../support/process/memory-terminal.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';

for (const variant of DIFF_VARIANTS) {
  const FLAGS = {
    filename: [`${CASE}/snapshot.yaml`],
    recursive: false,
    config: `${CASE}/config.yaml`,
    host: `${CASE}/host.yaml`,
    mode: variant.mode,
    serviceCidr: [],
    comments: false,
    strict: false,
    output: 'human',
    verbose: false,
  } satisfies DiffFlags;

  describe(`kernel: vipc diff on ${variant.name}`, () => {
    let namespace: Namespace;
    let folder: string;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`diff-${variant.name}`);
      folder = await mkdtemp(join(tmpdir(), 'vipc-diff-'));
      await variant.prepare(namespace);
      for (const [family, text] of variant.payload) await variant.load(namespace, family, text);
      await namespace.script('echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet');
    });
    after(async () => {
      await namespace?.close();
      if (folder !== undefined) await rm(folder, { recursive: true });
    });

    const saved = (): Promise<string> => variant.save(namespace, 'IPv4');

    it('finds no differences to the rules of kube-proxy', async () => {
      const { code, out, ran } = await diffIn(namespace, FLAGS);
      expect([code, out]).to.deep.equal([0, 'no differences\n']);
      expect(ran).to.include.members(variant.reads);
      expect(ran.filter((line) => variant.never.test(line))).to.deep.equal([]);
    });

    it('takes the facts of this machine without --host', async () => {
      const { host: _, ...flags } = FLAGS;
      const { code, ran } = await diffIn(namespace, { ...flags, nodeName: 'node-1' });
      expect(code).to.be.oneOf([0, 1]);
      expect(ran).to.include('ip -j address show');
    });

    it('reports manual changes, rule by rule, and changes nothing', async () => {
      const { script, reported } = variant.damage(await saved());
      await namespace.script(script.join('\n'));
      const before = await saved();
      const { code, out } = await diffIn(namespace, FLAGS);
      expect(code).to.equal(1);
      const lines = out.split('\n').map((line) => line.trim());
      expect(lines[0]).to.match(
        new RegExp(`^IPv4: the kernel \\(${variant.label} \\d\\S+\\) differs: \\d to change$`),
      );
      expect(lines).to.include.members([...reported]);
      expect(await saved()).to.equal(before);
      expect((await diffIn(namespace, { ...FLAGS, family: 'ipv6' })).code).to.equal(0);
    });

    it('plans everything for an empty kernel, and saves a plan that is applied only once', async () => {
      await namespace.script(variant.removal);
      const path = join(folder, 'plan.json');
      // Which variant of iptables it is, nothing in the kernel says any more.
      const { iptables } = variant.options;
      const flags = {
        ...FLAGS,
        family: 'ipv4' as const,
        ...(iptables === undefined ? {} : { iptables }),
      };
      const { code, out } = await diffIn(namespace, { ...flags, out: path });
      expect(code).to.equal(1);
      expect(out).to.include(variant.reportedRemoval);
      const applied = await applyIn(namespace, path);
      expect(applied.code).to.equal(0);
      expect(applied.out).to.match(
        new RegExp(`^IPv4: \\d+ chains, .* changed in ${variant.label} `),
      );
      expect((await diffIn(namespace, flags)).code).to.equal(0);
      const again = await applyIn(namespace, path).catch((found: unknown) => found);
      expect(again).to.be.instanceOf(StalePlanError);
    });

    // In mode iptables the flag chooses one of two; here there is nothing to choose.
    if (variant.mode === 'nftables')
      it('refuses a flag of the other mode', async () => {
        const error = await diffIn(namespace, { ...FLAGS, iptables: 'nft' }).catch(
          (found: unknown) => found,
        );
        expect(error).to.be.instanceOf(UsageError);
      });

    interface Said {
      readonly code: number;
      readonly out: string;
      readonly ran: readonly string[];
    }

    async function diffIn(inside: Namespace, flags: DiffFlags): Promise<Said> {
      return listening(inside, (terminal, host) => diff(flags, terminal, host));
    }

    async function applyIn(inside: Namespace, plan: string): Promise<Said> {
      return listening(inside, (terminal, host) =>
        apply(
          plan,
          {
            filename: [],
            recursive: false,
            serviceCidr: [],
            strict: false,
            output: 'human',
            verbose: false,
            dryRun: 'none',
            verify: true,
            lockTimeout: 10,
            timeout: 60,
            failedDir: folder,
          },
          terminal,
          host,
        ),
      );
    }
  });

  async function listening(
    namespace: Namespace,
    work: (terminal: Terminal, host: NamespaceHost) => Promise<number>,
  ): Promise<{ readonly code: number; readonly out: string; readonly ran: readonly string[] }> {
    const host = new NamespaceHost(namespace);
    const terminal = new MemoryTerminal();
    const code = await work(terminal, host);
    const { out } = terminal;
    return { code, out, ran: host.ran.map(({ command, args }) => [command, ...args].join(' ')) };
  }
}
