/** What is compiled for any objects, configuration and host keeps every promise of their model. */

import { expect } from 'chai';
import fc from 'fast-check';
import { BACKENDS } from '../../src/backends/index.js';
import { rulesOfRuleset } from '../../src/backends/named-rules.js';
import { settingOf } from '../../src/explain/expected.js';
import { machineOf } from '../../src/explain/machine.js';
import { verify } from '../../src/explain/verify.js';
import { type BackendName, compileSnapshot, type Family, loadSnapshot } from '../../src/index.js';
import { difference } from '../../src/netfilter/intervals.js';
import { allAddresses } from '../../src/netfilter/region.js';
import { Router } from '../../src/netfilter/route.js';
import { property } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';

describe('promises kept by what is compiled for any objects', () => {
  for (const mode of ['iptables', 'nftables'] satisfies BackendName[])
    for (const family of ['IPv4', 'IPv6'] satisfies Family[])
      it(`in mode ${mode}, ${family}`, () => {
        property(
          fc.property(cluster, options, (objects, given) => {
            const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
            const { snapshot } = loadSnapshot([{ name: 'objects.json', text }]);
            const { model, ruleset } = compileSnapshot(snapshot, family, { ...given, mode });
            const node = snapshot.nodes.get(model.context.nodeName);
            const known = machineOf(family, given.host, node);
            const remote = difference(allAddresses(family), known.local);
            const { behaviour, isForServices } = BACKENDS[mode];
            const machine = { ...known, remote };
            const router = new Router(rulesOfRuleset(ruleset).program, machine);
            const setting = settingOf(model, machine, behaviour);
            const { findings } = verify(router, model, setting, {
              owns: ({ table, name }, rule) => isForServices(table, name, rule?.comment ?? ''),
            });
            const texts = findings.map(({ traffic, expected, found }) =>
              [traffic.origin, traffic.what, ...expected.keys(), '/', ...found.keys()].join(' '),
            );
            expect(texts).to.deep.equal([]);
          }),
          0.3,
        );
      });
});
