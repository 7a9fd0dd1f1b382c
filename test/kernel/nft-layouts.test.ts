/**
 * The kernel is asked: from kube-proxy's layout to a random one, through a change of the cluster,
 * and back. Every plan ends in exactly what it should, and a cleanup leaves nothing.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { cleanUp } from '../../src/apply/cleanup.js';
import { compileLayout } from '../../src/backends/compile.js';
import type { Family } from '../../src/net/ip.js';
import { compileSnapshot } from '../../src/pipeline.js';
import type { Ruleset } from '../../src/ruleset/types.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { updateSnapshot } from '../../src/snapshot/update.js';
import { layoutParts, nftablesLayout } from '../support/arbitrary/nft-layout.js';
import { seed } from '../support/arbitrary/property.js';
import { change, cluster, options } from '../support/arbitrary/snapshot.js';
import { goTo } from '../support/kernels/go-to.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS } from '../support/kernels/kernel-variants.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const variant = KERNEL_VARIANTS.find(({ mode }) => mode === 'nftables')!;
const { backend } = variant.options;
const [kubeProxy] = backend.layouts;
const DRAWS = process.env.VIPC_FULL === '1' ? 60 : 6;

describe('kernel: nftables goes from layout to layout', () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, variant.tools);
    namespace = await openNamespace('nft-layouts');
    await variant.prepare(namespace);
  });
  after(() => namespace?.close());

  const draws = fc.sample(fc.tuple(layoutParts, cluster, options, change), {
    seed,
    numRuns: DRAWS,
  });
  for (const [i, [parts, objects, given, step]] of draws.entries())
    it(`draw ${i} of VIPC_SEED=${seed}: ${JSON.stringify(parts)}`, async () => {
      const family: Family = i % 2 === 0 ? 'IPv4' : 'IPv6';
      const layout = nftablesLayout(parts);
      const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      const { snapshot } = loadSnapshot([{ name: 'cluster', text }]);
      const first = compileSnapshot(snapshot, family, { ...given, layout });
      const next = updateSnapshot(snapshot, step);
      const second = compileSnapshot(next, family, { ...given, layout }, first);
      const before = compileLayout(first.model, kubeProxy);
      const after = compileLayout(second.model, kubeProxy);
      const steps: readonly (readonly [known: Ruleset | undefined, wanted: Ruleset])[] = [
        [undefined, before],
        [undefined, first.ruleset],
        [first.ruleset, second.ruleset],
        [i % 4 < 2 ? undefined : second.ruleset, after],
        [undefined, second.ruleset],
      ];
      for (const [known, wanted] of steps) await goTo(namespace, variant, known, wanted);

      const host = new NamespaceHost(namespace);
      const lock = { timeout: 10_000, about: 'a test' };
      const { kept, diagnostics } = await cleanUp(host, { families: [family], lock });
      expect([...kept, ...diagnostics]).to.deep.equal([]);
      expect(variant.hasOurs(await variant.save(namespace, family))).to.equal(false);
    });
});
