/**
 * Real kernels, in both modes and layouts, are given rules that they refuse, each in its own way:
 * the Service is found, keeps what it had, and the others are applied; where what every node has is
 * refused, nothing changes.
 */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { applyDesired } from '../../src/apply/desired.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import type { ApplyOptions } from '../../src/apply/steps.js';
import type { LayoutName } from '../../src/config/types.js';
import { LoadError } from '../../src/errors.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import {
  applyOptions,
  bytesOf,
  changed,
  desired as desiredIn,
  shop,
  shops,
  withoutService,
} from '../support/cases/apply-case.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import {
  QUARANTINE_VARIANTS,
  spoiledFrame,
  spoiledIn,
} from '../support/kernels/quarantine-variants.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

for (const variant of QUARANTINE_VARIANTS) {
  describe(`kernel: ${variant.name} refuses a rule`, () => {
    let namespace: Namespace;
    let host: NamespaceHost;
    let folder: string;

    before(function () {
      requireKernel(this, [...variant.tools, 'conntrack']);
    });
    beforeEach(async () => {
      namespace = await openNamespace(`refused-${variant.name}`);
      host = new NamespaceHost(namespace);
      await variant.prepare(namespace);
      folder = await mkdtemp(join(tmpdir(), 'vipc-refused-'));
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await undoSettings(host);
      await namespace.close();
      await rm(folder, { recursive: true });
    });

    const options = (): ApplyOptions =>
      applyOptions(host, { ...variant.options, failedFolder: folder });
    const desired = (objects: readonly KubernetesObject[], layout: LayoutName = 'kube-proxy') =>
      desiredIn(objects, ['IPv4'], { mode: variant.mode, layout });
    const saved = (): Promise<string> => variant.save(namespace, 'IPv4');

    for (const [what, { lines, says, layout }] of Object.entries(variant.broken)) {
      it(`${what}: the Service is left out, all others are there`, async () => {
        const good = desired([...shops(6), ...shop('bad', 100)], layout);
        const broken = changed(good, (ruleset) => spoiledIn(variant, ruleset, 'bad', lines));
        const { diagnostics } = await applyDesired(options(), broken);

        const refused = diagnostics.filter(({ code }) => code === 'service-refused');
        expect(refused.map(({ object }) => object)).to.deep.equal([
          { kind: 'Service', namespace: 'shop', name: 'bad' },
        ]);
        expect(refused[0]?.severity).to.equal('error');
        expect(refused[0]?.message).to.match(says);
        const [ruleset] = good.compiled.map((one) => withoutService(one.ruleset, 'bad'));
        expect(variant.differences(await saved(), ruleset!, true)).to.equal('');

        const [file = '', ...more] = await readdir(folder);
        expect(more).to.deep.equal([]);
        expect(refused[0]?.hint).to.contain(join(folder, file));
        expect(bytesOf(join(folder, file))).to.contain('shop/bad');
        expect((await stat(join(folder, file))).mode & 0o777).to.equal(0o600);

        // Once it is well it comes; broken again it keeps the rules that it has, and a neighbour
        // changes.
        await applyDesired(options(), good);
        expect(variant.differences(await saved(), good.compiled[0]!.ruleset, true)).to.equal('');
        const wider = desired([...shops(7), ...shop('bad', 100)], layout);
        const again = changed(wider, (one) => spoiledIn(variant, one, 'bad', lines));
        await applyDesired(options(), again);
        expect(variant.differences(await saved(), wider.compiled[0]!.ruleset, true)).to.equal('');
      });
    }

    it('a Service that was there keeps the rules that it had', async () => {
      const before = desired([...shops(3), ...shop('bad', 100, 2)]);
      await applyDesired(options(), before);
      const { lines } = variant.broken[variant.unnamed]!;
      const after = desired([...shops(5), ...shop('bad', 100, 4)]);
      const { diagnostics } = await applyDesired(
        options(),
        changed(after, (ruleset) => spoiledIn(variant, ruleset, 'bad', lines)),
      );
      expect(diagnostics.map(({ code }) => code)).to.include('service-refused');
      const kept = desired([...shops(5), ...shop('bad', 100, 2)]);
      expect(variant.differences(await saved(), kept.compiled[0]!.ruleset, true)).to.equal('');
    });

    it('several at once, including the first and the last', async () => {
      const { lines } = variant.broken[variant.unnamed]!;
      const good = desired(shops(6));
      const names = ['s0', 's3', 's5'];
      const broken = changed(good, (ruleset) =>
        names.reduce((rest, name) => spoiledIn(variant, rest, name, lines), ruleset),
      );
      const { diagnostics } = await applyDesired(options(), broken);
      const refused = diagnostics.filter(({ code }) => code === 'service-refused');
      expect(refused.map(({ object }) => object?.name).sort()).to.deep.equal(names);
      const rest = names.reduce(withoutService, good.compiled[0]!.ruleset);
      expect(variant.differences(await saved(), rest, true)).to.equal('');
    });

    for (const what of variant.inFrame) {
      const { lines } = variant.broken[what]!;
      it(`${what} in the frame: nothing is loaded and nothing changed`, async () => {
        const broken = changed(desired(shops(4)), (one) => spoiledFrame(variant, one, lines));
        for (const good of [undefined, desired(shops(3))]) {
          if (good !== undefined) await applyDesired(options(), good);
          const before = await saved();
          const error = await applyDesired(options(), broken).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error).to.be.instanceOf(LoadError);
          expect(String(error)).to.contain('nothing was changed');
          expect(builtInOnly(await saved())).to.equal(builtInOnly(before));
          if (good === undefined) expect(variant.hasOurs(await saved())).to.equal(false);
          else expect(variant.differences(await saved(), good.compiled[0]!.ruleset)).to.equal('');
        }
        expect(await readdir(folder)).to.have.length(2);
      });
    }

    const { unspeakable } = variant;
    if (unspeakable !== undefined)
      it('a rule in our chain that cannot be deleted by its text goes with the chain', async () => {
        const want = desired(shops(2));
        await applyDesired(options(), want);
        const [command = '', ...words] = unspeakable;
        await namespace.run(command, words);
        expect(await saved()).to.contain('two\nlines');
        await applyDesired(options(), want);
        expect(variant.differences(await saved(), want.compiled[0]!.ruleset, true)).to.equal('');
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
