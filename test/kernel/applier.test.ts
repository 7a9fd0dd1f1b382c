/**
 * The long-lived applier on real kernels, in both modes: it sends what changed without reading the
 * kernel, and reads where it must.
 */

import { expect } from 'chai';
import { Applier, type ApplierOptions } from '../../src/apply/applier.js';
import { applyDesired } from '../../src/apply/desired.js';
import { undoSettings } from '../../src/apply/host-settings.js';
import type { Compilation } from '../../src/backends/backend.js';
import { BACKENDS } from '../../src/backends/index.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { type Ruleset, serviceOf } from '../../src/ruleset/types.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { service, slice } from '../model/support.js';
import {
  applyOptions,
  compiledAs,
  desired,
  shop,
  shops,
  vip,
} from '../support/cases/apply-case.js';
import { APPLY_VARIANTS } from '../support/kernels/apply-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

for (const variant of APPLY_VARIANTS) {
  const { mode } = variant;

  describe(`kernel: the applier with ${variant.name}`, () => {
    let namespace: Namespace;
    let host: NamespaceHost;

    before(function () {
      requireKernel(this, [...variant.tools, 'conntrack']);
    });
    beforeEach(async () => {
      namespace = await openNamespace(`applier-${variant.name}`);
      host = new NamespaceHost(namespace);
      await variant.prepare(namespace);
    });
    afterEach(async () => {
      if (namespace === undefined) return;
      await undoSettings(host);
      await namespace.close();
    });

    const rulesetOf = (objects: readonly KubernetesObject[]): Ruleset =>
      desired(objects, ['IPv4'], { mode }).compiled[0]!.ruleset;
    const { iptables } = variant.options;
    const kernelOptions = iptables === undefined ? {} : { iptables };
    const applier = (over: Partial<ApplierOptions> = {}): Applier => {
      return new Applier({
        ...applyOptions(host, { ...variant.options, failedFolder: '/nowhere' }),
        family: 'IPv4',
        lockTimeout: 10_000,
        read: () => kernelOptions,
        ...over,
      });
    };
    const expectHolds = async (ruleset: Ruleset): Promise<void> => {
      const saved = await variant.save(namespace, 'IPv4');
      expect(variant.differences(saved, ruleset)).to.equal('');
    };

    it('loads only what changed, without reading the kernel', async () => {
      const it = applier();
      const rulesets = [shop('a', 1, 2), shop('a', 1, 3), shop('b', 2, 1)].map((objects) =>
        rulesetOf([...shops(20), ...objects]),
      );
      for (const [i, ruleset] of rulesets.entries()) {
        host.ran.splice(0);
        const { from, sent } = await it.apply(compiledAs(ruleset));
        expect(from).to.equal(i === 0 ? 'kernel' : 'memory');
        const reads = host.ran.filter(variant.isRead).length;
        if (i === 0) expect(reads).to.be.greaterThan(1);
        else expect(reads).to.equal(0);
        const inputs = host.ran.filter(variant.isLoad).map(({ input }) => input);
        // The address of `a` leads to another chain then, which nft makes before.
        expect(inputs).to.have.length(mode === 'nftables' && i === 2 ? 2 : 1);
        expect(inputs).to.deep.equal(sent.flat().map(({ text }) => text));
        if (i === 1) expect(inputs[0]?.trim().split('\n').length).to.be.within(2, 12);
        await expectHolds(ruleset);
      }
    });

    it('leaves an address to a Service that keeps its rules, and reassigns it afterwards', async () => {
      const it = applier();
      const compile = (objects: readonly KubernetesObject[]): Compilation =>
        desired(objects, ['IPv4'], { mode }).compiled[0]!;
      const old = compile(shop('old', 1));
      const both = compile([...shop('new', 1), ...shop('other', 2)]);
      await it.apply(old);
      for (const from of ['memory', 'kernel']) {
        if (from === 'kernel') it.forget();
        const result = await it.apply(both, new Set(['shop/old']));
        expect(result).to.deep.include({ from, refused: [] });
        expect(result.diagnostics.map(({ code }) => code)).to.deep.equal(['address-held']);
        const { rules } = await BACKENDS[mode].kernel.read(host, 'IPv4', kernelOptions);
        const holders = rules
          .allFrontends('IPv4')
          .map(({ ip, origin }) => `${ip} ${serviceOf(origin)}`);
        expect(holders).to.have.members([`${vip(1)} shop/old`, `${vip(2)} shop/other`]);
      }
      expect(await it.apply(both)).to.deep.include({ from: 'memory', refused: [] });
      await expectHolds(both.ruleset);
    });

    it('reads the kernel again where the rules are not as they were loaded', async () => {
      const it = applier();
      const [a, b] = [rulesetOf(shops(3)), rulesetOf([...shops(2), ...shop('s2', 3, 4)])];
      await it.apply(compiledAs(a));
      let moved = false;
      const run = host.run.bind(host);
      host.run = async (command) => {
        const move = variant.isLoad(command) ? variant.moveBefore(command.input ?? '') : undefined;
        if (move !== undefined && !moved) {
          moved = true;
          await namespace.run(move[0], move.slice(1));
        }
        return run(command);
      };
      expect((await it.apply(compiledAs(b))).from).to.equal('kernel');
      expect(moved).to.equal(true);
      await expectHolds(b);
    });

    // In mode nftables the size of a cluster decides about no comment.
    if (mode === 'iptables')
      it('restores the comments that a large cluster omits, once it reads the kernel', async () => {
        const it = applier();
        const [large, small] = [shops(5, 202), shops(5, 200)].map(rulesetOf) as [Ruleset, Ruleset];
        await it.apply(compiledAs(large));
        expect((await it.apply(compiledAs(small))).from).to.equal('memory');
        await expectHolds(small);
        const saved = await variant.save(namespace, 'IPv4');
        expect(variant.differences(saved, small, true)).to.include('KUBE-SEP-');
        const { rules } = await BACKENDS[mode].kernel.read(host, 'IPv4', kernelOptions);
        expect(rules.plan(small).changes).to.deep.equal([]);
        const { tools } = it.loaded!;
        const checker = BACKENDS[mode].checker();
        await checker.checkAll({ host, family: 'IPv4', tools, ruleset: small }, ({ change }) => {
          throw new Error(`${change.name} is reported as drift`);
        });
        it.forget();
        const { from, sent } = await it.apply(compiledAs(small));
        expect([from, sent.length]).to.deep.equal(['kernel', 1]);
        expect(variant.differences(await variant.save(namespace, 'IPv4'), small, true)).to.equal(
          '',
        );
        it.forget();
        expect((await it.apply(compiledAs(small))).sent).to.deep.equal([]);
      });

    it('says what an older kube-proxy would do wrong with the rules that replace its own', async () => {
      const sticky = [service('web', { sessionAffinity: 'ClientIP' }), slice('web', ['10.0.0.1'])];
      const notesOf = async (version: string, objects: readonly KubernetesObject[]) => {
        const profile = profileOf(version)!;
        const [compiled] = desired(objects, ['IPv4'], { mode, profile }).compiled;
        const { from, diagnostics } = await applier({ profile }).apply(compiled!);
        expect(from).to.equal('kernel');
        return diagnostics.map(({ code }) => code).filter((code) => code === 'profile-hand-back');
      };
      const note = mode === 'nftables' ? ['profile-hand-back'] : [];
      expect(await notesOf('1.36', sticky)).to.deep.equal([]);
      expect(await notesOf('1.35', sticky)).to.deep.equal([]);
      expect(await notesOf('1.36', shop('other', 2))).to.deep.equal([]);
      expect(await notesOf('1.35', sticky)).to.deep.equal([]);
      expect(await notesOf('1.37', sticky)).to.deep.equal(note);
      expect(await notesOf('1.37', sticky)).to.deep.equal([]);
    });

    // iptables never needs a second transaction: its tools delete a chain and what led to it in
    // one, on any kernel.
    if (mode === 'nftables')
      it('deletes chains in a second transaction on an old kernel', async () => {
        class OldKernel extends NamespaceHost {
          override kernel(): string {
            return '5.15.0-91-generic';
          }
        }
        const old = new OldKernel(namespace);
        const options = applyOptions(old, variant.options);
        await applyDesired(options, desired(shops(3), ['IPv4'], { mode }));
        old.ran.splice(0);
        const less = desired(shops(2), ['IPv4'], { mode });
        await applyDesired(options, less);
        const sent = old.ran.filter(variant.isLoad).map(({ input = '' }) => input);
        expect(sent).to.have.length(2);
        expect(sent[0]).to.not.include('delete chain');
        expect(sent[1]).to.match(/^delete chain ip kube-proxy service-\S+\n$/);
        await expectHolds(less.compiled[0]!.ruleset);
      });
  });
}
