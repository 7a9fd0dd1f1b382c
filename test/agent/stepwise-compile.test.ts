/** A large cluster is compiled in parts, to the same rules, while the event loop turns. */

import { expect } from 'chai';
import { compileStepwise } from '../../src/agent/stepwise-compile.js';
import { BACKENDS } from '../../src/backends/index.js';
import { InterruptedError } from '../../src/errors.js';
import { type Compiled, compileSnapshot } from '../../src/pipeline.js';
import type { Snapshot } from '../../src/snapshot/types.js';
import { service, slice, snapshotOf } from '../model/support.js';

/** Services of which two claim one address, so that parts decide about collisions anew. */
function cluster(count: number): Snapshot {
  const objects = Array.from({ length: count }, (_, i) => [
    service(`s${i}`, { clusterIP: `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}` }),
    slice(`s${i}`, [`10.128.${(i >> 8) & 255}.${i & 255}`]),
  ]).flat();
  return snapshotOf(service('a-rival', { clusterIP: '10.96.0.7' }), ...objects);
}

function printed(compiled: Compiled): object {
  const { ruleset, diagnostics } = compiled;
  return { text: BACKENDS[ruleset.backend].print(ruleset), diagnostics };
}

describe('agent/stepwise-compile', () => {
  const snapshot = cluster(2100);

  for (const mode of ['iptables', 'nftables'] as const)
    it(`gives the rules of one compilation, in mode ${mode}, and lets others work`, async () => {
      let turns = 0;
      const immediate = (): void => {
        turns++;
        next = setImmediate(immediate);
      };
      let next = setImmediate(immediate);
      const stepwise = await compileStepwise(snapshot, 'IPv4', { mode }, undefined);
      clearImmediate(next);
      expect(printed(stepwise)).to.deep.equal(printed(compileSnapshot(snapshot, 'IPv4', { mode })));
      expect(stepwise.diagnostics.map(({ code }) => code)).to.include('address-collision');
      // Three before and three behind each of the parts but the last.
      expect(turns).to.be.at.least(12);
    });

  it('stops between two parts', async () => {
    const stop = new AbortController();
    const compiling = compileStepwise(snapshot, 'IPv4', { signal: stop.signal }, undefined);
    stop.abort();
    const error = await compiling.catch((found: unknown) => found);
    expect(error).to.be.instanceOf(InterruptedError);
  });

  it('compiles at once what was compiled before', async () => {
    const before = compileSnapshot(snapshot, 'IPv4', {});
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const after = await compileStepwise(snapshot, 'IPv4', {}, before);
    expect(turned).to.equal(false);
    expect(after.ruleset.ports).to.deep.equal(before.ruleset.ports);
  });
});
