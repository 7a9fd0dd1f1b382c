/**
 * A layout of the user's own, with a chain and rules that kube-proxy has not, through all commands
 * and back.
 */

import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { inputText } from '../../src/backends/transaction.js';
import { compileSnapshot, type Ruleset } from '../../src/index.js';
import { node, snapshotOf } from '../model/support.js';
import { iptablesLayout } from '../support/arbitrary/iptables-layout.js';
import { seed } from '../support/arbitrary/property.js';
import { shops } from '../support/cases/apply-case.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS } from '../support/kernels/kernel-variants.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { startVipc } from '../support/process/program-run.js';

const KUBE_PROXY = fileURLToPath(new URL('../../templates/iptables/kube-proxy/', import.meta.url));

/** What the layout changes in the templates, by file. */
const EDITS: Readonly<Record<string, (text: string) => string>> = {
  'port.hbs': (text) => text.replace('-A KUBE-SERVICES -d', '-A DISPATCH-10 -d'),
  'frame.hbs': (text) =>
    text.replace(
      '*nat\n',
      [
        '*nat',
        ':DISPATCH-10 - [0:0]',
        '-A PREROUTING -d 10.0.0.0/8 -j DISPATCH-10',
        '-A KUBE-SERVICES -d 10.96.0.0/12 -j DISPATCH-10',
        '',
      ].join('\n'),
    ),
};

for (const variant of KERNEL_VARIANTS.filter(({ mode }) => mode === 'iptables'))
  describe(`kernel: a layout of the user's own with ${variant.name}`, () => {
    let namespace: Namespace;
    let folder: string;
    let templates: string;

    before(async function () {
      requireKernel(this, variant.tools);
      folder = await mkdtemp(join(tmpdir(), 'vipc-layout-'));
      templates = join(folder, 'templates');
      await mkdir(templates);
      for (const name of await readdir(KUBE_PROXY)) await copyTemplate(name);
      for (const count of [2, 3])
        await writeFile(join(folder, `${count}.json`), listOf(shops(count)));
    });
    beforeEach(async () => {
      namespace = await openNamespace(`layout-${variant.name}`);
      await namespace.run('ip', ['address', 'add', '192.0.2.10/32', 'dev', 'lo']);
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await vipc(['cleanup']);
      await namespace.close();
    });
    after(async () => {
      if (folder !== undefined) await rm(folder, { recursive: true });
    });

    async function copyTemplate(name: string): Promise<void> {
      const edit = EDITS[name];
      if (edit === undefined) return copyFile(join(KUBE_PROXY, name), join(templates, name));
      const text = await readFile(join(KUBE_PROXY, name), 'utf8');
      expect(edit(text)).to.not.equal(text);
      await writeFile(join(templates, name), edit(text));
    }

    /** The output of the program, which must end with this exit code. */
    async function vipc(words: readonly string[], code = 0): Promise<string> {
      const ran = await startVipc(namespace, words, { XDG_STATE_HOME: folder }).ended;
      expect(ran.code, `${words.join(' ')}: ${ran.err}`).to.equal(code);
      return ran.out;
    }

    const input = (count: number): readonly string[] => [
      ...['-f', join(folder, `${count}.json`), '--family', 'ipv4', '--node-name', 'here'],
      ...['--mode', 'iptables'],
    ];
    const own = (command: string, count = 3): readonly string[] => [
      ...[command, ...input(count), '--templates', templates],
      ...(command === 'compile' ? [] : variant.words),
    ];
    const saved = (): Promise<string> => variant.save(namespace, 'IPv4');

    it('has no difference to its own document, and its plan can be saved', async () => {
      const document = join(folder, 'document');
      await writeFile(document, await vipc(own('compile')));
      const diff = [...own('diff'), '--against', document].filter(
        (word) => !variant.words.includes(word),
      );
      expect(await vipc(diff)).to.contain('no differences');
      expect(await vipc([...diff, '--out', join(folder, 'plan')])).to.contain('no differences');
    });

    it('is applied, changed and removed without a trace', async () => {
      const before = await saved();
      await vipc(own('apply'));
      expect(await saved()).to.contain('-A DISPATCH-10 -d 10.96.0.3/32');
      expect(await vipc(own('diff'))).to.contain('no differences');
      expect(await vipc(own('apply'))).to.equal('nothing to do\n');
      await vipc([...own('apply', 2), '--prune']);
      expect(await saved()).to.not.contain('10.96.0.3/32');
      await vipc(['cleanup']);
      expect(withoutKubelets(await saved())).to.equal(withoutKubelets(before));
    });

    it('of any form is applied exactly and removed completely', async () => {
      const host = new NamespaceHost(namespace);
      const { backend, iptables } = variant.options;
      await variant.prepare(namespace);
      const apply = async (ruleset: Ruleset): Promise<void> => {
        const before = await backend.kernel.read(host, 'IPv4', { iptables });
        const input = backend.input(before.rules.plan(ruleset), before.tools);
        const times = { lockTimeout: 10_000, timeout: 60_000 };
        const fault = await backend.kernel.load(host, before.tools, input, times);
        expect(fault, inputText(input)).to.equal(undefined);
        const after = await backend.kernel.readAgain(host, before, {});
        const { changes, leftovers } = after.rules.plan(ruleset);
        expect([...changes, ...leftovers]).to.deep.equal([]);
      };
      const snapshot = snapshotOf(node(['192.0.2.10']), ...shops(4));
      for (const layout of fc.sample(iptablesLayout, { seed, numRuns: 4 })) {
        await apply(compileSnapshot(snapshot, 'IPv4', { layout }).ruleset);
        await apply(compileSnapshot(snapshot, 'IPv4').ruleset);
        expect(await saved(), layout.name).to.not.match(/OWN-|0x10|dport (?:1|179) |-p icmp/);
      }
    });

    it("is replaced by kube-proxy's layout, and replaces it, also by a saved plan", async () => {
      await vipc(['apply', ...input(3), ...variant.words]);
      const kubeProxy = await saved();
      const plan = join(folder, 'plan');
      await vipc([...own('diff'), '--out', plan], 1);
      await vipc(['apply', plan]);
      expect(await vipc(own('diff'))).to.contain('no differences');
      await vipc([...own('diff', 2), '--prune', '--out', plan], 1);
      await vipc(['apply', plan]);
      expect(await vipc(own('diff', 2))).to.contain('no differences');
      await vipc(['apply', ...input(3), ...variant.words]);
      expect(lines(await saved())).to.deep.equal(lines(kubeProxy));
    });
  });

/** The rules without those that stay for kubelet, and without empty tables. */
function withoutKubelets(saved: string): string {
  return lines(saved)
    .filter((line) => !line.includes('KUBE-FIREWALL') && /^[-:].*KUBE-|DISPATCH/.test(line))
    .join('\n');
}

function lines(saved: string): readonly string[] {
  return saved.split('\n').sort();
}

function listOf(items: readonly object[]): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [node(['192.0.2.10']), ...items],
  });
}
