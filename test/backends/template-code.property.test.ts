/** What scripts/templates makes of templates gives what Handlebars gives for them. */

import { expect } from 'chai';
import fc from 'fast-check';
import { fast as iptablesFast } from '../../src/backends/iptables/layouts/fast/layout.js';
import * as iptablesFastCode from '../../src/backends/iptables/layouts/fast/precompiled.js';
import { kubeProxy as iptables } from '../../src/backends/iptables/layouts/kube-proxy/layout.js';
import * as iptablesCode from '../../src/backends/iptables/layouts/kube-proxy/precompiled.js';
import type { Layout } from '../../src/backends/layout.js';
import { fast as nftablesFast } from '../../src/backends/nftables/layouts/fast/layout.js';
import * as nftablesFastCode from '../../src/backends/nftables/layouts/fast/precompiled.js';
import { kubeProxy as nftables } from '../../src/backends/nftables/layouts/kube-proxy/layout.js';
import * as nftablesCode from '../../src/backends/nftables/layouts/kube-proxy/precompiled.js';
import * as nftablesChainsCode from '../../src/backends/nftables/layouts/kube-proxy-chains/precompiled.js';
import { builtinTemplates, type Templates } from '../../src/backends/templates.js';
import { readTemplates } from '../../src/backends/user-templates.js';
import { buildModel } from '../../src/model/build.js';
import { modelSettings } from '../../src/pipeline.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { property } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';

const LAYOUTS: readonly (readonly [folder: string, layout: Layout, code: Templates])[] = [
  ['iptables/kube-proxy', iptables, builtinTemplates(iptablesCode)],
  ['iptables/fast', iptablesFast, builtinTemplates(iptablesFastCode)],
  ['nftables/kube-proxy', nftables, builtinTemplates(nftablesCode)],
  [
    'nftables/kube-proxy-chains',
    nftables.ofProfile!(profileOf('1.34.0')!),
    builtinTemplates(nftablesChainsCode),
  ],
  ['nftables/fast', nftablesFast, builtinTemplates(nftablesFastCode)],
];

describe('templates as functions', () => {
  for (const [folder, layout, code] of LAYOUTS)
    it(`of ${folder} write what Handlebars does`, () => {
      const handlebars = readTemplates(`templates/${folder}`);
      property(
        fc.property(cluster, options, fc.constantFrom('IPv4', 'IPv6'), (objects, given, family) => {
          const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
          const { snapshot } = loadSnapshot([{ name: 'list', text }]);
          const settings = modelSettings({ ...given, mode: layout.backend });
          const { context, ports } = buildModel(snapshot, settings, family);
          const frame = layout.frameView(context);
          expect(code.frame(frame)).to.equal(handlebars.frame(frame));
          expect(code.tail(frame)).to.equal(handlebars.tail(frame));
          for (const port of ports) {
            const view = layout.portView(port, context);
            // A port with affinity has the view and the template of kube-proxy's layout.
            if (folder === 'nftables/fast' && !('numbered' in view)) continue;
            expect(code.port(view)).to.equal(handlebars.port(view));
          }
        }),
      );
    });
});
