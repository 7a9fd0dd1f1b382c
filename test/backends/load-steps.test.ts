/** What a first load of a large cluster is made of: steps, between which health is answered. */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { compileSnapshot } from '../../src/pipeline.js';
import type { Steps } from '../../src/steps.js';
import { service, slice, snapshotOf } from '../model/support.js';

const SERVICES = 300;
const EMPTY = {
  iptables: '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
  nftables: '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}',
};

/** The result, and how many steps led to it. */
function counted<T>(steps: Steps<T>): { readonly value: T; readonly count: number } {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return { value: step.value, count };
  }
}

describe('backends: a first load', () => {
  const snapshot = snapshotOf(
    ...Array.from({ length: SERVICES }, (_, i) => [
      service(`s${i}`, { clusterIP: `10.96.${i >> 8}.${i & 255}` }),
      slice(`s${i}`, [`10.128.${i >> 8}.${i & 255}`]),
    ]).flat(),
  );

  for (const mode of ['iptables', 'nftables'] as const)
    it(`is planned and printed in steps of one chain each, in mode ${mode}`, () => {
      const { read, input, inputInSteps } = BACKENDS[mode];
      const { ruleset } = compileSnapshot(snapshot, 'IPv4', { mode });
      const { planInSteps, plan } = read(EMPTY[mode], { family: 'IPv4' });
      const planned = counted(planInSteps(ruleset));
      expect(planned.value).to.deep.equal(plan(ruleset));
      const chains = planned.value.changes.length;
      expect(chains).to.be.above(SERVICES);
      // The fragments of the Services; their chains, put together and then compared.
      expect(planned.count).to.be.above(SERVICES + 2 * chains);
      for (const variant of ['nf_tables', 'legacy'] as const) {
        const target = { variant, twoSteps: true };
        const printed = counted(inputInSteps(planned.value, target));
        expect(printed.value).to.deep.equal(input(planned.value, target));
        // What makes each chain, and its rules.
        expect(printed.count).to.be.above(2 * SERVICES);
      }
    });
});
