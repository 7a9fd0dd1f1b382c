/**
 * Real kernels are given rules that they refuse, each in its own way: the Service is found, keeps what it had, and the
 * others are applied; where what every node has is refused, nothing changes.
 */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyDesired } from '../../src/apply/apply-desired.js';
import type { ApplyOptions } from '../../src/apply/apply-steps.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import { LoadError } from '../../src/errors.js';
import {
  applyOptions,
  bytesOf,
  changed,
  desired,
  shop,
  shops,
  spoiled,
  withoutService,
} from '../support/apply-case.js';
import { makeNfacctObjects, saveDocument, VARIANTS } from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { missingFrom } from '../support/ruleset-in-kernel.js';

/** What a broken template could write, and a word of what the tools say about it. */
const BROKEN: Readonly<
  Record<string, { readonly lines: readonly string[]; readonly says: RegExp }>
> = {
  'a match that is not installed': {
    lines: ['-A CHAIN -m nosuchmatch -j RETURN'],
    says: /nosuchmatch/,
  },
  'a name that is too long': {
    lines: [':KUBE-SVC-ABCDEFGHIJKLMNOPQRSTUVWXYZ234567 - [0:0]'],
    says: /too long|28 chars/,
  },
  'a target that does not exist': { lines: ['-A CHAIN -j KUBE-NOWHERE'], says: /KUBE-NOWHERE/ },
  'a counter that does not exist': {
    lines: ['-A CHAIN -m nfacct --nfacct-name vipc-none'],
    says: /./,
  },
  'a loop': { lines: ['-A CHAIN -j CHAIN'], says: /./ },
};

for (const variant of VARIANTS) {
  describe(`kernel: ${variant.name} refuses a rule`, () => {
    const iptables = variant.name === 'iptables-nft' ? 'nft' : 'legacy';
    let namespace: Namespace;
    let host: NamespaceHost;
    let folder: string;

    before(function () {
      requireKernel(this, [...variant.tools, 'nfacct']);
    });
    beforeEach(async () => {
      namespace = await openNamespace(`refused-${variant.name}`);
      host = new NamespaceHost(namespace);
      await makeNfacctObjects(namespace);
      folder = await mkdtemp(join(tmpdir(), 'vipc-refused-'));
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await undoSettings(host);
      await namespace.close();
      await rm(folder, { recursive: true });
    });

    const options = (): ApplyOptions => applyOptions(host, { iptables, failedFolder: folder });
    const saved = async (): Promise<string> =>
      (await saveDocument(namespace, variant, 'IPv4')).replace(/^#.*\n/gm, '');

    for (const [what, { lines, says }] of Object.entries(BROKEN)) {
      it(`${what}: the Service is left out, all others are there`, async () => {
        const good = desired([...shops(12), ...shop('bad', 100)]);
        const broken = changed(good, (ruleset) => spoiled(ruleset, 'bad', ...lines));
        const { diagnostics } = await applyDesired(options(), broken);

        const refused = diagnostics.filter(({ code }) => code === 'service-refused');
        expect(refused.map(({ object }) => object)).to.deep.equal([
          { kind: 'Service', namespace: 'shop', name: 'bad' },
        ]);
        expect(refused[0]?.severity).to.equal('error');
        expect(refused[0]?.message).to.match(says);
        const [ruleset] = good.compiled.map((one) => withoutService(one.ruleset, 'bad'));
        expect(missingFrom(await saved(), ruleset!, true)).to.equal('');

        const [file = '', ...more] = await readdir(folder);
        expect(more).to.deep.equal([]);
        expect(refused[0]?.hint).to.contain(join(folder, file));
        expect(bytesOf(join(folder, file))).to.contain('shop/bad');
        expect((await stat(join(folder, file))).mode & 0o777).to.equal(0o600);
      });
    }

    it('a Service that was there keeps the rules that it had', async () => {
      const before = desired([...shops(3), ...shop('bad', 100, 2)]);
      await applyDesired(options(), before);
      const after = desired([...shops(5), ...shop('bad', 100, 4)]);
      const { diagnostics } = await applyDesired(
        options(),
        changed(after, (ruleset) => spoiled(ruleset, 'bad', '-A CHAIN -m nfacct --nfacct-name no')),
      );
      expect(diagnostics.map(({ code }) => code)).to.include('service-refused');
      const kept = desired([...shops(5), ...shop('bad', 100, 2)]);
      expect(missingFrom(await saved(), kept.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('several at once, the first and the last among them', async () => {
      const good = desired(shops(10));
      const names = ['s0', 's4', 's9'];
      const broken = changed(good, (ruleset) =>
        names.reduce(
          (rest, name) => spoiled(rest, name, '-A CHAIN -m nfacct --nfacct-name no'),
          ruleset,
        ),
      );
      const { diagnostics } = await applyDesired(options(), broken);
      const refused = diagnostics.filter(({ code }) => code === 'service-refused');
      expect(refused.map(({ object }) => object?.name).sort()).to.deep.equal(names);
      const rest = names.reduce(withoutService, good.compiled[0]!.ruleset);
      expect(missingFrom(await saved(), rest, true)).to.equal('');
    });

    for (const what of [
      'a match that is not installed',
      'a counter that does not exist',
      'a loop',
    ]) {
      const { lines = [] } = BROKEN[what] ?? {};
      it(`${what} in the frame: nothing is loaded and nothing changed`, async () => {
        const before = await saved();
        const broken = changed(desired(shops(3)), (ruleset) => ({
          ...ruleset,
          frame: {
            ...ruleset.frame,
            text: `${ruleset.frame.text}*nat\n${lines.map((line) => line.replaceAll('CHAIN', 'KUBE-MARK-MASQ')).join('\n')}\n`,
          },
        }));
        const error = await applyDesired(options(), broken).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(LoadError);
        expect(String(error)).to.contain('nothing was changed');
        expect(builtInOnly(await saved())).to.equal(builtInOnly(before));
        expect(await readdir(folder)).to.have.length(1);
      });
    }

    it('a rule in our chain that cannot be deleted by its text goes with the chain', async () => {
      const want = desired(shops(2));
      await applyDesired(options(), want);
      const tool = variant.name;
      await namespace.run(tool, [
        ...['-t', 'nat', '-I', 'KUBE-SERVICES', '1', '-d', '10.96.0.1'],
        ...['-m', 'comment', '--comment', 'two\nlines', '-j', 'RETURN'],
      ]);
      expect(await saved()).to.contain('two\nlines');
      await applyDesired(options(), want);
      expect(missingFrom(await saved(), want.compiled[0]!.ruleset, true)).to.equal('');
    });
  });
}

/** Chains that stand empty in a table that exists are as good as a table that does not. */
function builtInOnly(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(?:\*|COMMIT|:[A-Z]+ ACCEPT \[)/.test(line))
    .join('\n');
}
